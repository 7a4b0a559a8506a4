// The data behind memory_store.h: what Redis holds of one service, shard by shard, and the rules of the commit.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "shared/aggregate/store.h"
#include "shared/base/ports.h"
#include "shared/store/encoding.h"
#include "shared/store/identity.h"

namespace tandem::store {

// One shard.
class MemoryShard {
 public:
  CommitOutcome commit(const Commit& commit, Instant now);
  // The request id's reply, unless it is older than 24 hours.
  const Reply* find_request(const std::string& request_id, Instant now) const;
  std::string lease_at(Instant now) const { return now < lease_until ? lease : std::string(); }
  ShardStatus status(Instant now) const;

  struct Request {
    Reply reply;
    Instant expires{};
  };
  struct Entry {
    OutboxEntry entry;
    Instant recorded{};
  };

  std::string installation;
  uint32_t shards = 0;
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
  std::optional<CommitOutcome> refuse(const Commit& commit, Instant now) const;
  uint64_t append(const Commit::Change& change, Instant now);
  void edit_timers(const TimerEdits& edits);
};

// What the twins answer where a fault swallows a call or its reply.
inline Error no_answer() { return make_error(Code::kUnavailable, "the store does not answer"); }

class MemoryWorld {
 public:
  explicit MemoryWorld(Clock& clock, StoreIdentity identity = {"test", "test", 16})
      : clock_(clock), identity_(std::move(identity)) {}

  const StoreIdentity& identity() const { return identity_; }
  // Opens every shard: generation 1.
  void open_all();

 private:
  friend class MemoryStore;
  friend class MemoryOutbox;

  Clock& clock_;
  StoreIdentity identity_;
  std::mutex mutex_;
  std::condition_variable appended_;
  std::map<uint32_t, MemoryShard> shards_;
};

}  // namespace tandem::store
