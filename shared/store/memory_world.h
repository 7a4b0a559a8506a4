// The data behind memory_store.h: what Redis holds of one service, shard by shard, and the rules of the commit.
//
// A world can be restarted like a Redis: it is another instance then, and comes back with all it had, with what it had
// when a snapshot was taken, or with nothing. Its shards have to be reconciled (healing.h) before they serve again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "shared/aggregate/healing.h"
#include "shared/aggregate/store.h"
#include "shared/base/ports.h"
#include "shared/store/encoding.h"
#include "shared/store/identity.h"

namespace tandem::store {

// One shard.
class MemoryShard {
 public:
  // `caller`: the instance that the caller is connected to.
  CommitOutcome commit(const Commit& commit, const std::string& caller, Instant now);
  bool reconciled(const std::string& caller) const { return generation != 0 && instance == caller; }
  bool claimed(const std::string& token, const std::string& caller, Instant now) const;
  ShardCondition condition(const std::string& caller, Instant now) const;
  // See healing.h; the claim is checked by the caller.
  void fold(const FoldedEvents& events, Instant now);
  void finish(const Reconciliation& end, const std::string& caller);
  // See inspection.h.
  void mend(const AggregateRef& ref, const Stored& right, const IndexEdits& indexes, const TimerEdits& timers);
  // The request id's reply, unless it is older than 24 hours.
  const Reply* find_request(const std::string& request_id, Instant now) const;
  std::string lease_at(Instant now) const { return now < lease_until ? lease : std::string(); }
  ShardStatus status(const std::string& caller, Instant now) const;

  struct Request {
    Reply reply;
    Instant expires{};
  };
  struct Entry {
    OutboxEntry entry;
    Instant recorded{};
    std::string version;
  };

  std::string installation;
  uint32_t shards = 0;
  std::string instance;  // when it was last reconciled
  std::string healer;    // token@instance of the healing under way
  std::string anchor;
  uint64_t generation = 0;
  uint64_t last_number = 0;
  uint64_t trimmed = 0;
  uint64_t trimmed_offset = 0;
  std::string lease;
  Instant lease_until{};
  std::map<AggregateRef, Stored> aggregates;
  std::map<std::string, Request> requests;
  std::map<Source, MarkValue> marks;
  std::map<Source, MarkValue> carried;
  std::map<Source, Place> places;
  std::map<std::string, std::set<std::string>> indexes;  // index -> members
  std::map<std::string, int64_t> timers;                 // member -> score
  std::set<std::pair<int64_t, std::string>> timers_by_due;
  std::map<uint64_t, Entry> outbox;

 private:
  std::optional<CommitOutcome> refuse(const Commit& commit, const std::string& caller, Instant now) const;
  uint64_t append(const Commit::Change& change, Instant now);
  void edit_indexes(const IndexEdits& edits);
  void edit_timers(const TimerEdits& edits);
};

// What the twins answer where a fault swallows a call or its reply.
inline Error no_answer() { return make_error(Code::kUnavailable, "the store does not answer"); }

class MemoryWorld {
 public:
  explicit MemoryWorld(Clock& clock, StoreIdentity identity = {"test", "test", 16})
      : clock_(clock), identity_(std::move(identity)) {}

  using Shards = std::map<uint32_t, MemoryShard>;

  const StoreIdentity& identity() const { return identity_; }
  // Every shard that was never reconciled is now, in generation 1, without a log.
  void open_all();

  Shards snapshot() const;
  // It comes back as another instance.
  void restart();
  void restart(Shards with);
  void wipe() { restart(Shards()); }
  // Every shard serves.
  bool reconciled() const;

  // For who watches from outside: called with every commit as it is judged, under the lock.
  using Watch = std::function<void(const Commit&, const CommitOutcome&)>;
  void watch(Watch watch) { watch_ = std::move(watch); }
  // What the shards hold now; and all of them as they were once. Not beside calls of other threads.
  const Shards& shards() const { return shards_; }

 private:
  friend class MemoryStore;
  friend class MemoryOutbox;
  friend class MemoryHealing;
  friend class MemoryInspection;

  std::string instance_locked() const { return "instance-" + std::to_string(instances_); }

  Clock& clock_;
  StoreIdentity identity_;
  mutable std::mutex mutex_;
  std::condition_variable appended_;
  uint64_t instances_ = 1;
  Shards shards_;
  Watch watch_ = [](const Commit&, const CommitOutcome&) {};
};

}  // namespace tandem::store
