// How fast the subscription reads, from where again, and whether it still does.
#include <algorithm>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/bus/subscription.h"

namespace tandem::bus {
namespace {

constexpr Millis kWaitForRoom{50};  // before partitions are paused: pausing throws away what was fetched
constexpr Millis kPausedPoll{20};
constexpr Millis kWatch{1'000};
constexpr Millis kQuiet{5'000};  // a partition that gave nothing for so long is asked about
constexpr Millis kAnswer{500};

}  // namespace

bool Subscription::full_locked() const {
  return queue_.size() >= options_.queue_events || queue_bytes_ >= options_.queue_bytes;
}

// Back-pressure. Returns how long the next poll may wait.
Millis Subscription::hold_back(Millis timeout) {
  bool full = false;
  bool room = false;
  {
    std::unique_lock lock(mutex_);
    auto has_room = [this] {
      return queue_.size() <= options_.queue_events / 2 && queue_bytes_ <= options_.queue_bytes / 2;
    };
    full = full_locked();
    if (full && !paused_) {
      room_.wait_for(lock, std::min(timeout, kWaitForRoom), [&] { return stopping_ || has_room(); });
      full = full_locked();
    }
    room = has_room();
  }
  if (full && !paused_) set_paused(true);
  if (room && paused_) set_paused(false);
  return paused_ ? std::min(timeout, kPausedPoll) : timeout;
}

void Subscription::set_paused(bool paused) {
  std::vector<TopicPartition> partitions;
  for (const auto& [source, partition] : partitions_) {
    if (!partition.stopped) partitions.push_back(topic_partition(source));
  }
  paused ? reader_->pause(partitions) : reader_->resume(partitions);
  const Tick now = clock_.tick();
  if (paused) paused_at_ = now;
  // What nobody asked for could not come: the watchdog does not count that time, but all other, or a queue that is full
  // now and then would hide a partition that hangs.
  if (paused_ && !paused) {
    for (auto& [source, partition] : partitions_) {
      partition.progress = std::min(now, partition.progress + (now - paused_at_));
    }
  }
  paused_ = paused;
}

void Subscription::rewind(const Source& source) {
  {
    std::lock_guard lock(mutex_);
    ++rewinds_asked_;
    rewinds_.insert(source);
    forget_queued_locked(source);
  }
  room_.notify_all();
}

void Subscription::rewind_all() {
  {
    std::lock_guard lock(mutex_);
    ++rewinds_asked_;
    for (const Source& source : assigned_) {
      rewinds_.insert(source);
      forget_queued_locked(source);
    }
  }
  room_.notify_all();
}

uint64_t Subscription::rewinds_asked() const {
  std::lock_guard lock(mutex_);
  return rewinds_asked_;
}

void Subscription::handle_rewinds(Tick now) {
  std::set<Source> rewinds;
  uint64_t asked = 0;
  {
    std::lock_guard lock(mutex_);
    asked = rewinds_asked_;
    std::erase_if(rewinds_, [this](const Source& source) { return !assigned_.contains(source); });
    rewinds = rewinds_;
  }
  if (rewinds.empty() || must_start_ || now < next_start_) return;
  const auto places = read_places();
  if (!places.ok()) {
    next_start_ = now + kRetry;
    return;
  }
  for (const Source& source : rewinds) {
    const Status done = go_back(source, least_place(source, *places));
    if (!done.ok()) {
      next_start_ = now + kRetry;
      return note_error(done.error());
    }
    std::lock_guard lock(mutex_);
    if (asked != rewinds_asked_) return;  // asked for again since the places were read
    rewinds_.erase(source);
  }
  note_answer();
}

Status Subscription::go_back(const Source& source, const Cursor& cursor) {
  Partition& partition = partitions_[source];
  const TopicPartition at = topic_partition(source);
  TANDEM_RETURN_IF_ERROR(reader_->seek(at, cursor.offset));
  partition.cursor = cursor;
  partition.gap_seen = false;
  partition.progress = clock_.tick();
  {
    std::lock_guard lock(mutex_);
    begin_locked(source, cursor.offset);
  }
  if (std::exchange(partition.stopped, false)) {
    const TopicPartition one[] = {at};
    if (!paused_) reader_->resume(one);
    count([&](SubscriptionStats& stats) { stats.stopped.erase(source); });
  }
  return {};
}

void Subscription::applied(const Source& source, uint64_t next_offset) {
  std::lock_guard lock(mutex_);
  if (assigned_.contains(source)) applied_[source] = next_offset;
}

void Subscription::begin_locked(const Source& source, uint64_t offset) {
  applied_[source] = delivered_[source] = read_[source] = offset;
}

void Subscription::passed(const Source& source, uint64_t offset) {
  std::lock_guard lock(mutex_);
  read_[source] = offset;
}

// Where nothing is left to be applied, what was read besides events counts too: a fence is no lag.
uint64_t Subscription::done_locked(const Source& source) const {
  const auto applied = applied_.find(source);
  if (applied == applied_.end()) return 0;
  const bool all = applied->second >= delivered_.at(source);
  return all ? std::max(applied->second, read_.at(source)) : applied->second;
}

void Subscription::commit_offsets(Tick now) {
  if (now < next_commit_ || !reader_) return;
  next_commit_ = clock_.tick() + options_.commit_interval;
  std::map<Source, uint64_t> applied;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [source, offset] : applied_) applied[source] = done_locked(source);
  }
  for (const auto& [source, offset] : applied) {
    if (std::exchange(committed_[source], offset) != offset) reader_->commit(topic_partition(source), offset);
  }
}

// Polling looks alive whatever happens inside the client, so what counts is that records come where there are some.
void Subscription::watch(Tick now) {
  if (now < next_watch_ || !reader_ || must_start_) return;
  next_watch_ = now + kWatch;
  if (unassigned_since_) return watch_group(now);
  for (auto& [source, partition] : partitions_) {
    if (const auto marks = reader_->watermarks(topic_partition(source), Millis(0)); marks.ok()) {
      std::lock_guard lock(mutex_);
      high_[source] = std::max(high_[source], marks->high);
    }
  }
  watch_effects(now);
  ask_about_next(now);
  if (paused_ || !reader_) return;
  for (auto& [source, partition] : partitions_) {
    bool more = false;
    {
      std::lock_guard lock(mutex_);
      more = high_[source] > partition.cursor.offset;
    }
    if (partition.stopped || !more) partition.progress = now;
    if (now - partition.progress >= options_.watchdog)
      return restart_reader(source, "gives nothing although it has more");
  }
}

// Reading is one thing, having effects another: a partition may be stopped, or its events wait for a store.
void Subscription::watch_effects(Tick now) {
  std::optional<Tick> stuck;
  std::lock_guard lock(mutex_);
  for (auto& [source, partition] : partitions_) {
    const uint64_t done = done_locked(source);
    const bool behind = high_[source] > done;
    if (!behind || done != partition.done || partition.moved == Tick{}) partition.moved = now;
    partition.done = done;
    if (behind && (!stuck || partition.moved < *stuck)) stuck = partition.moved;
  }
  stats_.stuck_since = stuck;
}

// A new wait, or the one that is there goes on.
void Subscription::wait_for_group(Tick now) {
  if (!unassigned_since_) unassigned_since_ = now;
  count([&](SubscriptionStats& stats) {
    if (!stats.unassigned_since) stats.unassigned_since = now;
  });
}

// A broker that stood still may wait for ever for members that are gone, and a client for its answer: what helps is to
// leave, and to join as somebody new. Not while brokers are away: then there is nobody to join.
void Subscription::watch_group(Tick now) {
  if (now - *unassigned_since_ < options_.watchdog || options_.sources.empty()) return;
  const auto marks = reader_->watermarks({events_topic(options_.sources.front()), 0}, kAnswer);
  if (!marks.ok()) return note_error(marks.error());
  restart_reader(std::nullopt, "is given out by the consumer group, though the brokers answer");
}

// One quiet partition a round, in turn: the client's own idea of the end of a partition may be what is stale. A turn is
// long, so every other round is for one that has not answered, if there is one: that is said until it has.
void Subscription::ask_about_next(Tick now) {
  const auto due = [now](const Partition& partition) {
    return !partition.stopped && now - partition.heard >= kQuiet && now - partition.asked >= kQuiet;
  };
  if (std::exchange(ask_silent_, !ask_silent_)) {
    for (auto& [source, partition] : partitions_) {
      if (silent_.contains(source) && due(partition)) return ask_about(source, partition, now);
    }
  }
  auto next = partitions_.upper_bound(last_asked_);
  for (size_t i = 0; i < partitions_.size(); ++i, ++next) {
    if (next == partitions_.end()) next = partitions_.begin();
    if (!due(next->second)) continue;
    last_asked_ = next->first;
    return ask_about(next->first, next->second, now);
  }
}

void Subscription::ask_about(const Source& source, Partition& partition, Tick now) {
  partition.asked = now;
  const auto marks = reader_->watermarks(topic_partition(source), kAnswer);
  {
    std::lock_guard lock(mutex_);
    if (!marks.ok()) {
      silent_.insert_or_assign(source, marks.error());
      return;
    }
    silent_.erase(source);
    high_[source] = marks->high;
  }
  note_answer();
  if (marks->low > partition.cursor.offset || marks->high < partition.cursor.offset) {
    gap(source, partition,
        "the log, which holds offsets " + std::to_string(marks->low) + " to " + std::to_string(marks->high) + ",");
  }
}

void Subscription::restart_reader(const std::optional<Source>& source, const std::string& why) {
  count([](SubscriptionStats& stats) { ++stats.restarts; });
  const std::string what =
      source ? events_topic(source->service) + "[" + std::to_string(source->partition) + "]" : "No partition";
  listener_.on_alarm(source, make_error(Code::kUnavailable, what + " " + why + ": the reader is made anew."));
  revoke();
  reader_.reset();
  unassigned_since_.reset();  // the watchdog's patience begins again; the statistics say for how long it is in all
  next_join_ = Tick{};
}

std::set<Source> Subscription::assigned() const {
  std::lock_guard lock(mutex_);
  return assigned_;
}

size_t Subscription::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

std::optional<Instant> Subscription::oldest_queued() const {
  std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  return to_instant(queue_.front().envelope.recorded_at());
}

std::map<Source, uint64_t> Subscription::lag() const {
  std::lock_guard lock(mutex_);
  std::map<Source, uint64_t> lag;
  for (const Source& source : assigned_) {
    const auto high = high_.find(source);
    const uint64_t end = high == high_.end() ? 0 : high->second;
    const uint64_t done = done_locked(source);
    lag[source] = end > done ? end - done : 0;
  }
  return lag;
}

SubscriptionStats Subscription::stats() const {
  std::lock_guard lock(mutex_);
  SubscriptionStats stats = stats_;
  stats.last_error = reader_error_ ? reader_error_ : places_error_;
  if (!stats.last_error && !silent_.empty()) stats.last_error = silent_.begin()->second;
  return stats;
}

}  // namespace tandem::bus
