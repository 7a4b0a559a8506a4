// How fast the subscription reads, from where again, and whether it still does.
#include <algorithm>
#include <utility>

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
  paused_ = paused;
}

void Subscription::rewind(const Source& source) {
  {
    std::lock_guard lock(mutex_);
    rewinds_.insert(source);
    forget_queued_locked(source);
  }
  room_.notify_all();
}

void Subscription::handle_rewinds(Instant now) {
  std::set<Source> rewinds;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(rewinds_, [this](const Source& source) { return !assigned_.contains(source); });
    rewinds = rewinds_;
  }
  if (rewinds.empty() || must_start_ || now < next_start_) return;
  const auto places = listener_.places();
  if (!places.ok()) {
    next_start_ = now + kRetry;
    return note_error(places.error());
  }
  for (const Source& source : rewinds) {
    const Status done = go_back(source, least_place(source, *places));
    if (!done.ok()) {
      next_start_ = now + kRetry;
      return note_error(done.error());
    }
    std::lock_guard lock(mutex_);
    rewinds_.erase(source);
  }
}

Status Subscription::go_back(const Source& source, const Cursor& cursor) {
  Partition& partition = partitions_[source];
  const TopicPartition at = topic_partition(source);
  TANDEM_RETURN_IF_ERROR(reader_->seek(at, cursor.offset));
  partition.cursor = cursor;
  partition.gap_seen = false;
  partition.progress = clock_.now();
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

void Subscription::commit_offsets(Instant now) {
  if (now < next_commit_ || !reader_) return;
  next_commit_ = clock_.now() + options_.commit_interval;
  std::map<Source, uint64_t> applied;
  {
    std::lock_guard lock(mutex_);
    applied = applied_;
  }
  for (const auto& [source, offset] : applied) {
    if (std::exchange(committed_[source], offset) != offset) reader_->commit(topic_partition(source), offset);
  }
}

// Polling looks alive whatever happens inside the client, so what counts is that records come where there are some.
void Subscription::watch(Instant now) {
  if (now < next_watch_ || !reader_ || must_start_) return;
  next_watch_ = now + kWatch;
  for (auto& [source, partition] : partitions_) {
    if (const auto marks = reader_->watermarks(topic_partition(source), Millis(0)); marks.ok()) {
      std::lock_guard lock(mutex_);
      high_[source] = std::max(high_[source], marks->high);
    }
  }
  ask_about_next(now);
  if (paused_ || !reader_) return;
  for (auto& [source, partition] : partitions_) {
    bool more = false;
    {
      std::lock_guard lock(mutex_);
      more = high_[source] > partition.cursor.offset;
    }
    if (partition.stopped || !more) partition.progress = now;
    if (now - partition.progress >= options_.watchdog) return restart_reader(source);
  }
}

// One quiet partition a round, in turn: the client's own idea of the end of a partition may be what is stale.
void Subscription::ask_about_next(Instant now) {
  auto next = partitions_.upper_bound(last_asked_);
  for (size_t i = 0; i < partitions_.size(); ++i, ++next) {
    if (next == partitions_.end()) next = partitions_.begin();
    auto& [source, partition] = *next;
    if (partition.stopped || now - partition.heard < kQuiet || now - partition.asked < kQuiet) continue;
    last_asked_ = source;
    partition.asked = now;
    const auto marks = reader_->watermarks(topic_partition(source), kAnswer);
    if (!marks.ok()) return note_error(marks.error());
    {
      std::lock_guard lock(mutex_);
      high_[source] = marks->high;
    }
    if (marks->low > partition.cursor.offset || marks->high < partition.cursor.offset) {
      gap(source, partition,
          "the log, which holds offsets " + std::to_string(marks->low) + " to " + std::to_string(marks->high) + ",");
    }
    return;
  }
}

void Subscription::restart_reader(const Source& source) {
  count([](SubscriptionStats& stats) { ++stats.restarts; });
  listener_.on_alarm(source, make_error(Code::kUnavailable, "Nothing came from " + events_topic(source.service) + "[" +
                                                                std::to_string(source.partition) +
                                                                "] although it has more: the reader is made anew."));
  revoke();
  reader_.reset();
  next_join_ = Instant{};
}

std::set<Source> Subscription::assigned() const {
  std::lock_guard lock(mutex_);
  return assigned_;
}

size_t Subscription::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

std::map<Source, uint64_t> Subscription::lag() const {
  std::lock_guard lock(mutex_);
  std::map<Source, uint64_t> lag;
  for (const Source& source : assigned_) {
    const auto high = high_.find(source);
    const auto applied = applied_.find(source);
    const uint64_t end = high == high_.end() ? 0 : high->second;
    const uint64_t done = applied == applied_.end() ? 0 : applied->second;
    lag[source] = end > done ? end - done : 0;
  }
  return lag;
}

SubscriptionStats Subscription::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace tandem::bus
