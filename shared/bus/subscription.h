// A service's subscription to the events of its sources: a member of the group `tandem.<service>` that reads the
// partitions it is given from the places that the target shards have noted, by the reader's rule, into a bounded queue.
//
// All work is done by step(), on one thread: the subscription's own after start(), or the caller's. The owner (the
// service's loop) takes events with take() and reports with applied() what has had its effect. The listener's functions
// are called on the subscription's thread (on_revoked also by stop(), on its caller's); those that may block are
// marked.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/base/ports.h"
#include "shared/bus/envelope.h"
#include "shared/bus/log.h"
#include "shared/bus/reader_rule.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::bus {

struct ConsumedEvent {
  Source source;
  uint64_t offset = 0;
  uint64_t generation = 0;
  uint64_t n = 0;
  exchange::v1::Envelope envelope;
  std::string payload;

  // Where to read on once the event has had its effects.
  Cursor next() const { return {offset + 1, generation, n}; }
};

TopicPartition topic_partition(const Source& source);

struct SubscriptionOptions {
  std::string installation;
  std::string service;
  std::vector<std::string> sources;  // services
  size_t queue_events = 4'000;
  size_t queue_bytes = 16 << 20;
  Millis poll{200};               // of the thread's steps
  Millis commit_interval{5'000};  // of offsets, for the display of the lag
  // For so long a partition that has more to read gave nothing, or the group has not answered although the brokers do:
  // then the reader is made anew.
  Millis watchdog{30'000};
};

struct SubscriptionListener {
  // What Store::places says of each target shard of the service, all of them. May block. An error is waited for.
  std::function<Result<std::vector<std::vector<Place>>>()> places;
  // The queue is not empty any more.
  std::function<void()> on_events = [] {};
  // What this replica reads from now on; marks of it must be read anew.
  std::function<void(const std::set<Source>&)> on_assigned = [](const auto&) {};
  // These are taken away, and their events are out of the queue: wait for commits in flight (2 s at most) and write the
  // places. May block so long.
  std::function<void(const std::set<Source>&)> on_revoked = [](const auto&) {};
  // A partition stands still until rewind(), or something was skipped; in words. `source` may be empty.
  std::function<void(const std::optional<Source>&, const Error&)> on_alarm = [](const auto&, const auto&) {};
};

struct SubscriptionStats {
  uint64_t delivered = 0;
  uint64_t repetitions = 0;
  uint64_t void_events = 0;  // of an older generation
  uint64_t fences = 0;
  uint64_t malformed = 0;  // records that are none of ours, skipped
  uint64_t restarts = 0;   // of the reader, by the watchdog
  uint64_t rebalances = 0;
  // Of the brokers, or of the places; gone when who had it answers, or when something was read.
  std::optional<Error> last_error;
  // Since when the group has not said which partitions are this replica's (that it has none is an answer).
  std::optional<Tick> unassigned_since;
  std::map<Source, Error> stopped;  // partitions that stand still, and why
  // Since when the one that is longest so has more to be applied and has not moved; as of the watchdog's last look.
  std::optional<Tick> stuck_since;
};

class Subscription {
 public:
  Subscription(Log& log, Clock& clock, SubscriptionOptions options, SubscriptionListener listener);
  // Ends the thread and hands nothing over. Call stop() before.
  ~Subscription();
  Subscription(const Subscription&) = delete;

  // One round. True if something moved.
  bool step(Millis timeout);
  void start();
  // Hands everything over as on_revoked does, and leaves the group. Also for who steps by hand.
  void stop();

  // Any thread from here on. Up to `limit` events, in the order of each partition.
  std::vector<ConsumedEvent> take(size_t limit);
  size_t queued() const;
  // When the event that is next in the queue was recorded.
  std::optional<Instant> oldest_queued() const;
  // Up to here the source's events have had their effects.
  void applied(const Source& source, uint64_t next_offset);
  // Goes back to the places, because a mark went back. Also revives a stopped partition.
  void rewind(const Source& source);
  // All of them, because a target shard was healed: what was queued is forgotten, and places that were read before this
  // call are not used after it.
  void rewind_all();
  std::set<Source> assigned() const;
  // Events that the partition has and that were not applied; as of the watchdog's last look.
  std::map<Source, uint64_t> lag() const;
  SubscriptionStats stats() const;

 private:
  static constexpr Millis kRetry{200};  // after an error, of joining or of reading the places

  struct Partition {
    Cursor cursor;
    bool gap_seen = false;  // read again from the cursor before it is believed
    bool stopped = false;
    Tick heard{};       // when a record came
    Tick asked{};       // when the brokers were asked about it
    Tick progress{};    // when a record came, or there was none to come
    uint64_t done = 0;  // up to here all was applied, at the watchdog's last look
    Tick moved{};       // when that last changed, or there was nothing to apply
  };

  // subscription.cc
  bool poll_records(Millis timeout);
  void join(Tick now);
  void assign(const std::vector<TopicPartition>& partitions);
  void start_assigned(Tick now);
  void revoke();
  void receive(const LogRecord& record);
  void receive_event(const Source& source, Partition& partition, uint64_t offset, EventRecord event);
  void gap(const Source& source, Partition& partition, const std::string& found);
  void halt(const Source& source, Partition& partition, const Error& why);
  void enqueue(ConsumedEvent event);
  Result<std::vector<std::vector<Place>>> read_places();
  void note_error(const Error& error);
  void note_answer();
  void run();
  template <class F>
  void count(F change) {
    std::lock_guard lock(mutex_);
    change(stats_);
  }

  // subscription_flow.cc
  void handle_rewinds(Tick now);
  Status go_back(const Source& source, const Cursor& cursor);
  void forget_queued_locked(const Source& source);
  uint64_t rewinds_asked() const;
  void begin_locked(const Source& source, uint64_t offset);
  void passed(const Source& source, uint64_t offset);
  uint64_t done_locked(const Source& source) const;
  bool full_locked() const;
  Millis hold_back(Millis timeout);
  void set_paused(bool paused);
  void commit_offsets(Tick now);
  void watch(Tick now);
  void watch_effects(Tick now);
  void wait_for_group(Tick now);
  void watch_group(Tick now);
  void ask_about_next(Tick now);
  void ask_about(const Source& source, Partition& partition, Tick now);
  void restart_reader(const std::optional<Source>& source, const std::string& why);

  Log& log_;
  Clock& clock_;
  const SubscriptionOptions options_;
  const SubscriptionListener listener_;

  // Of the subscription's thread.
  std::unique_ptr<LogReader> reader_;
  std::map<Source, Partition> partitions_;
  bool must_start_ = false;  // assigned, but the places are not known yet
  std::optional<Tick> unassigned_since_;
  bool paused_ = false;  // the queue is full
  Tick paused_at_{};
  Tick next_join_{}, next_start_{}, next_commit_{}, next_watch_{};
  Source last_asked_;
  bool ask_silent_ = false;  // in the next round, if one is
  std::map<Source, uint64_t> committed_;

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<ConsumedEvent> queue_;
  size_t queue_bytes_ = 0;
  std::set<Source> assigned_;
  std::set<Source> rewinds_;
  uint64_t rewinds_asked_ = 0;
  std::map<Source, uint64_t> applied_;
  std::map<Source, uint64_t> delivered_;  // after the last event in the queue, or taken from it
  std::map<Source, uint64_t> read_;       // after the last record, fences and repetitions included
  std::map<Source, uint64_t> high_;
  SubscriptionStats stats_;  // without last_error: that is one of these
  // By who has it: the answer of one must not hide that another gives none.
  std::optional<Error> reader_error_;
  std::optional<Error> places_error_;
  std::map<Source, Error> silent_;  // gave no answer when the brokers were asked about it; changed by the
                                    // subscription's thread only
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tandem::bus
