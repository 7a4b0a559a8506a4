// The relay: brings what was committed from the outbox to the log.
//
// For every shard whose lease it holds it reads the outbox together with the generation, stamps, publishes in order,
// and trims what the log has acknowledged, up to the first that it has not. On a refused trim, a lost connection,
// another token, another generation or a dead producer it forgets what it has read and every acknowledgement under way,
// and begins again from what was trimmed: what is then written twice, readers ignore.
//
// Leases. Without a word from prefer(), it takes every lease that is free. With one (the partitions that the consumer
// group gave to this replica: the group knows who is alive), it holds those, lets go of the others, and takes another
// only if nobody has had it for a whole lease time. If the log is silent about what it was given for three lease times,
// it lets all of them go, and takes none for two: another may reach the log.
//
// All work is done by step(), on one thread: the relay's own after start(), or the caller's. The Outbox must not be
// used by anybody else. What is marked "any thread" is safe beside it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
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
#include "shared/bus/log.h"
#include "shared/bus/relay_shard.h"

namespace tandem::bus {

struct RelayOptions {
  std::string service;
  uint32_t shards = 16;
  Millis lease_ttl{3'000};     // renewed at a third
  uint32_t read_limit = 500;   // entries of one read
  uint32_t in_flight = 5'000;  // unacknowledged events of a shard
  Millis idle_wait{500};       // of the thread's steps
  // A log that acknowledges nothing for three lease times, and for so long, is out of reach: the first record of a new
  // producer may take 2 s (log.h), and one that is given up for that would never get there.
  Millis least_patience{5'000};
  // What is committed so soon after the last was published is gathered until then.
  std::chrono::microseconds linger{0};
  // What the log has acknowledged is trimmed at most so often, unless somebody waits for it: a trim is a write, and a
  // sync, of the store. 0 = at once.
  Millis trim_every{0};
  Millis drain{2'000};  // stop() waits so long for acknowledgements
};

struct RelayListener {
  // Everything of the shard up to n is in the log and trimmed, under this generation. Called after each accepted trim,
  // and for shards of other replicas after await(). On the relay's thread.
  std::function<void(uint32_t shard, uint64_t generation, uint64_t n)> on_published = [](auto...) {};
  // What one trim took away: for each event the time from its recording until Kafka had it and the trim was accepted.
  // On the relay's thread.
  std::function<void(const std::vector<std::chrono::microseconds>&)> on_relayed = [](const auto&) {};
  // The set of leases changed. On the relay's thread.
  std::function<void(const std::set<uint32_t>&)> on_leases = [](const auto&) {};
  // In words, for the log: a producer made anew, a refused trim, an outbox that does not answer. On the relay's thread.
  std::function<void(const Error&)> on_trouble = [](const auto&) {};
};

struct RelayStats {
  uint64_t published = 0;     // acknowledged and trimmed
  uint64_t written = 0;       // given to a producer, repetitions included
  uint64_t dead_letters = 0;  // copies given to a producer
  uint64_t dead_letters_lost = 0;
  uint64_t writers = 0;  // producers made
  uint64_t trims_refused = 0;
  uint64_t queue_full = 0;
  uint64_t leases_taken = 0;
  uint64_t leases_lost = 0;
  std::chrono::microseconds relay_time{};  // from recording to trim, of all that was published
  uint64_t outbox_errors = 0;
  uint64_t unpublished = 0;  // of all shards of the service, as of the last look (once a second)
  // When the oldest of them was recorded.
  std::optional<Instant> oldest_unpublished;
};

class Relay {
 public:
  Relay(Outbox& outbox, Log& log, Clock& clock, Chance& chance, RelayOptions options, RelayListener listener = {});
  // Ends the thread and hands nothing over: the leases run out. Call stop() before.
  ~Relay();
  Relay(const Relay&) = delete;

  // Before the service says that it is ready: opens every shard, makes the producer and waits for its id. May be called
  // again after an error.
  Status warm(Millis timeout);
  // One round: leases, acknowledgements, trims, then what the outbox has; waits up to `timeout` if there is nothing to
  // do. True if something moved.
  bool step(Millis timeout);

  void start();
  // Waits for acknowledgements under way, up to options.drain, then lets the leases go. Also for who steps by hand.
  void stop();

  // Any thread from here on.
  void prefer(std::set<uint32_t> shards);
  // True if event n of that generation is known to be published. Otherwise on_published will be called for the shard
  // when that is known, or when the generation has become another one; also where another replica holds the lease.
  bool await(uint32_t shard, uint64_t generation, uint64_t n);
  std::set<uint32_t> leases() const;
  RelayStats stats() const;

 private:
  struct Awaited {
    uint64_t generation = 0;
    uint64_t n = 0;
  };

  // relay_leases.cc
  void look_after_leases(Tick now);
  void follow_preference();
  Millis renewal() const { return options_.lease_ttl / 3; }
  void renew(const std::vector<OutboxLease>& leases, Tick now);
  void acquire(RelayShard& shard, Tick now);
  void refresh(RelayShard& shard);
  void let_go(RelayShard& shard);
  void lost(RelayShard& shard);
  void drop(RelayShard& shard);
  void survey(Tick now);
  bool wanted(const RelayShard& shard, Tick now) const;
  void leave_if_cut_off(Tick now);
  void leases_changed();
  void look_at_awaited();

  // relay_trims.cc
  bool trim_acknowledged(bool at_once = false);
  bool trim_now(bool acknowledged, bool at_once);
  bool note_trim(const OutboxTrim& trim, bool trimmed);
  void relayed(const RelayShard& shard, uint64_t up_to);

  // relay.cc
  bool ensure_writer(Tick now);
  void use(std::unique_ptr<LogWriter> writer);
  void writer_died(const Error& why);
  bool take_deliveries(Millis timeout);
  bool read_and_publish(Millis timeout);
  bool wait_for_entries(Millis timeout);
  void linger();
  bool publish_from(const OutboxQuery& query, const OutboxRead& read);
  bool publish(RelayShard& shard, const OutboxEntry& entry);
  void copy_dead_letter(uint32_t shard, const Record& record, const std::string& event_type);
  bool in_flight() const;
  void published(uint32_t shard, uint64_t generation, uint64_t n);
  void outbox_failed(const Error& error);
  void trouble(const Error& error) { listener_.on_trouble(error); }
  void idle(Millis timeout);
  void run();
  template <class F>
  void count(F change) {
    std::lock_guard lock(mutex_);
    change(stats_);
  }

  Outbox& outbox_;
  Log& log_;
  Clock& clock_;
  Chance& chance_;
  const RelayOptions options_;
  const RelayListener listener_;
  const std::string events_topic_;
  const std::string dead_letters_topic_;

  // Of the relay's thread.
  std::unique_ptr<LogWriter> writer_;
  std::vector<RelayShard> shards_;
  std::set<uint32_t> ready_;  // shards whose outbox may have more than was read
  uint64_t next_opaque_ = 1;  // 0 = a dead letter
  bool full_ = false;         // the producer's queue
  bool wakes_ = false;        // acknowledgements end a wait for entries
  Millis ack_wait_{1};
  Tick next_writer_{};
  Millis writer_backoff_{0};
  Tick next_outbox_{};
  Millis outbox_backoff_{0};
  Tick next_survey_{};
  Tick next_acquire_{};  // until then leases are left to others
  Tick last_published_{};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<std::set<uint32_t>> preferred_;
  bool preference_changed_ = false;
  bool nudged_ = false;  // somebody wants the next step soon
  std::set<uint32_t> leases_;
  std::map<uint32_t, Awaited> awaited_;
  std::vector<Awaited> published_;  // by shard
  std::optional<Tick> next_trim_;   // if something acknowledged waits for it
  RelayStats stats_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tandem::bus
