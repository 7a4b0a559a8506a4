#include "shared/bus/subscription.h"

#include <algorithm>
#include <utility>

namespace tandem::bus {
namespace {

constexpr int kRecordsOfAStep = 256;     // so that other work gets its turn
constexpr size_t kBytesOfAnEvent = 512;  // besides the payload, roughly

}  // namespace

TopicPartition topic_partition(const Source& source) { return {events_topic(source.service), source.partition}; }

Subscription::Subscription(Log& log, Clock& clock, SubscriptionOptions options, SubscriptionListener listener)
    : log_(log), clock_(clock), options_(std::move(options)), listener_(std::move(listener)) {}

Subscription::~Subscription() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Subscription::step(Millis timeout) {
  const Tick now = clock_.tick();
  if (!reader_) join(now);
  if (!reader_) {
    std::unique_lock lock(mutex_);
    room_.wait_for(lock, std::min(timeout, kRetry), [this] { return stopping_; });
    return false;
  }
  if (must_start_) start_assigned(now);
  handle_rewinds(now);
  timeout = hold_back(timeout);
  const bool moved = poll_records(must_start_ ? std::min(timeout, kRetry) : timeout);
  commit_offsets(now);
  watch(now);
  return moved;
}

bool Subscription::poll_records(Millis timeout) {
  for (int i = 0; i < kRecordsOfAStep && reader_; ++i) {
    ReaderEvent event = reader_->poll(i == 0 ? timeout : Millis(0));
    switch (event.kind) {
      case ReaderEvent::Kind::kRecord:
        receive(event.record);
        break;
      case ReaderEvent::Kind::kAssigned:
        assign(event.partitions);
        return true;
      case ReaderEvent::Kind::kRevoked:
        revoke();
        reader_->release();
        return true;
      case ReaderEvent::Kind::kError:
        note_error(*event.error);
        return false;
      case ReaderEvent::Kind::kEndOfPartition:
        break;
      case ReaderEvent::Kind::kNone:
        return i > 0;
    }
    std::lock_guard lock(mutex_);
    if (full_locked()) break;
  }
  return true;
}

void Subscription::join(Tick now) {
  if (now < next_join_) return;
  next_join_ = now + kRetry;
  auto made = log_.make_reader({});
  if (!made.ok()) return note_error(made.error());
  std::vector<std::string> topics;
  for (const std::string& source : options_.sources) topics.push_back(events_topic(source));
  const Status subscribed = (*made)->subscribe(topics, consumer_group(options_.service));
  if (!subscribed.ok()) return note_error(subscribed.error());
  reader_ = std::move(made).value();
  wait_for_group(now);
}

void Subscription::assign(const std::vector<TopicPartition>& partitions) {
  partitions_.clear();
  committed_.clear();
  for (const TopicPartition& partition : partitions) {
    const auto service = service_of_topic(partition.topic);
    if (service.ok()) partitions_[{*service, partition.partition}] = {};
  }
  unassigned_since_.reset();
  count([](SubscriptionStats& stats) {
    ++stats.rebalances;
    stats.unassigned_since.reset();
  });
  must_start_ = true;
  next_start_ = Tick{};
  start_assigned(clock_.tick());
}

// The places are in the target shards: until they can be read, reading waits.
void Subscription::start_assigned(Tick now) {
  if (now < next_start_) return;
  next_start_ = now + kRetry;
  const uint64_t asked = rewinds_asked();
  const auto places = read_places();
  if (!places.ok()) return;
  StartOffsets offsets;
  std::set<Source> sources;
  for (auto& [source, partition] : partitions_) {
    partition.cursor = least_place(source, *places);
    partition.heard = partition.progress = now;
    offsets.emplace_back(topic_partition(source), partition.cursor.offset);
    sources.insert(source);
  }
  {
    std::lock_guard lock(mutex_);
    if (asked != rewinds_asked_) {
      next_start_ = Tick{};  // a shard was healed meanwhile: the places may be of before
      return;
    }
    assigned_ = sources;
    std::erase_if(silent_, [&](const auto& one) { return !sources.contains(one.first); });
    rewinds_.clear();
    high_.clear();
    applied_.clear();
    delivered_.clear();
    read_.clear();
    for (const auto& [source, partition] : partitions_) begin_locked(source, partition.cursor.offset);
  }
  listener_.on_assigned(sources);
  const Status started = reader_->start(offsets);
  if (!started.ok()) return note_error(started.error());
  set_paused(false);  // they may be from an earlier assignment
  must_start_ = false;
  next_start_ = Tick{};
  note_answer();  // it was the brokers that gave them out
}

void Subscription::revoke() {
  std::set<Source> sources;
  {
    std::lock_guard lock(mutex_);
    sources = assigned_;
    for (const Source& source : sources) forget_queued_locked(source);
  }
  if (!sources.empty()) listener_.on_revoked(sources);
  commit_offsets(Tick::max());
  {
    std::lock_guard lock(mutex_);
    assigned_.clear();
    stats_.stopped.clear();
    stats_.stuck_since.reset();
    high_.clear();
  }
  partitions_.clear();
  must_start_ = false;
  wait_for_group(clock_.tick());
}

void Subscription::receive(const LogRecord& record) {
  const auto service = service_of_topic(record.topic);
  if (!service.ok()) return;
  const Source source{*service, record.partition};
  const auto found = partitions_.find(source);
  if (found == partitions_.end() || found->second.stopped) return;
  Partition& partition = found->second;
  partition.heard = partition.progress = clock_.tick();
  auto decoded = decode(record);
  if (!decoded.ok()) {
    // Not an event of ours, or one that was damaged: then the next one's number says that it is missing.
    partition.cursor.offset = std::max(partition.cursor.offset, record.offset + 1);
    passed(source, partition.cursor.offset);
    count([](SubscriptionStats& stats) { ++stats.malformed; });
    return listener_.on_alarm(source, decoded.error());
  }
  const auto* fence = std::get_if<FenceRecord>(&*decoded);
  const std::string& installation =
      fence != nullptr ? fence->installation : std::get<EventRecord>(*decoded).envelope.installation();
  if (installation != options_.installation) {
    return halt(source, partition,
                make_error(Code::kFailedPrecondition, record.topic + " holds events of the installation \"" +
                                                          installation + "\", not of \"" + options_.installation +
                                                          "\". Use its Redis, or a Kafka (or topics) of your own."));
  }
  if (fence != nullptr) {
    if (judge_fence(partition.cursor, record.offset, fence->fence.ends()) == Verdict::kFence) {
      count([](SubscriptionStats& stats) { ++stats.fences; });
    }
    return passed(source, partition.cursor.offset);
  }
  receive_event(source, partition, record.offset, std::move(std::get<EventRecord>(*decoded)));
}

void Subscription::receive_event(const Source& source, Partition& partition, uint64_t offset, EventRecord event) {
  const uint64_t generation = event.envelope.position().generation();
  const uint64_t n = event.envelope.position().number();
  switch (judge_event(partition.cursor, offset, generation, n)) {
    case Verdict::kAccept:
      partition.gap_seen = false;
      return enqueue({source, offset, generation, n, std::move(event.envelope), std::move(event.payload)});
    case Verdict::kOlderGeneration:
      passed(source, partition.cursor.offset);
      return count([](SubscriptionStats& stats) { ++stats.void_events; });
    case Verdict::kGap:
      return gap(source, partition, "event " + std::to_string(n) + " of generation " + std::to_string(generation));
    default:
      passed(source, partition.cursor.offset);
      return count([](SubscriptionStats& stats) { ++stats.repetitions; });
  }
}

void Subscription::gap(const Source& source, Partition& partition, const std::string& found) {
  if (!partition.gap_seen) {
    // Read again from the cursor before it is believed: it must not be the reader that skipped.
    partition.gap_seen = true;
    const Status sought = reader_->seek(topic_partition(source), partition.cursor.offset);
    if (sought.ok()) return;
    return restart_reader(source, "cannot be read again from where it stands");
  }
  const Cursor& cursor = partition.cursor;
  halt(source, partition,
       make_error(Code::kDataLoss, "Events are missing in " + events_topic(source.service) + "[" +
                                       std::to_string(source.partition) + "]: event " + std::to_string(cursor.n + 1) +
                                       " of generation " + std::to_string(std::max<uint64_t>(cursor.generation, 1)) +
                                       " should be next, at offset " + std::to_string(cursor.offset) + ", but " +
                                       found + " follows. The partition is stopped. " + log_.retention_advice()));
}

void Subscription::halt(const Source& source, Partition& partition, const Error& why) {
  partition.stopped = true;
  const TopicPartition paused[] = {topic_partition(source)};
  reader_->pause(paused);
  {
    std::lock_guard lock(mutex_);
    stats_.stopped[source] = why;
    silent_.erase(source);  // nobody asks about it any more
  }
  listener_.on_alarm(source, why);
}

void Subscription::enqueue(ConsumedEvent event) {
  bool was_empty = false;
  {
    std::lock_guard lock(mutex_);
    reader_error_.reset();
    silent_.erase(event.source);
    // What is to be read again from the places must not get in between.
    if (rewinds_.contains(event.source)) return;
    was_empty = queue_.empty();
    delivered_[event.source] = event.offset + 1;
    queue_bytes_ += kBytesOfAnEvent + event.payload.size();
    queue_.push_back(std::move(event));
    ++stats_.delivered;
  }
  if (was_empty) listener_.on_events();
}

std::vector<ConsumedEvent> Subscription::take(size_t limit) {
  std::vector<ConsumedEvent> taken;
  {
    std::lock_guard lock(mutex_);
    const size_t count = std::min(limit, queue_.size());
    taken.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      queue_bytes_ -= kBytesOfAnEvent + queue_.front().payload.size();
      taken.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  if (!taken.empty()) room_.notify_all();
  return taken;
}

void Subscription::forget_queued_locked(const Source& source) {
  std::erase_if(queue_, [&](const ConsumedEvent& event) {
    if (event.source != source) return false;
    queue_bytes_ -= kBytesOfAnEvent + event.payload.size();
    return true;
  });
}

Result<std::vector<std::vector<Place>>> Subscription::read_places() {
  auto places = listener_.places();
  std::lock_guard lock(mutex_);
  places_error_ = places.ok() ? std::nullopt : std::optional(places.error());
  return places;
}

void Subscription::note_error(const Error& error) {
  std::lock_guard lock(mutex_);
  reader_error_ = error;
}

// The brokers are not away. What they refuse, a topic that may not be read, they say once, and answer all else: that
// stays until something is read.
void Subscription::note_answer() {
  std::lock_guard lock(mutex_);
  if (reader_error_ && reader_error_->code == Code::kUnavailable) reader_error_.reset();
}

void Subscription::start() {
  std::lock_guard lock(mutex_);
  stopping_ = false;
  if (!thread_.joinable()) thread_ = std::thread(&Subscription::run, this);
}

void Subscription::run() {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    step(options_.poll);
  }
}

void Subscription::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (reader_) revoke();
  reader_.reset();
}

}  // namespace tandem::bus
