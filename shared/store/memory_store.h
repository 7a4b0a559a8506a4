// The in-memory twin of the Redis store: for unit tests, and for simulation from a seed.
//
//   ManualClock clock;
//   MemoryWorld world(clock, {.installation = "test", .service = "sales", .shards = 4});
//   world.open_all();                     // every shard in generation 1
//   MemoryStore store(world);             // one replica's handle; make as many as there are replicas
//   MemoryOutbox outbox(world);           // its relay's
//
// A world is the data of one service. It is guarded by a mutex, so handles may live on different threads. Leases and
// request ids expire by the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/store/identity.h"
#include "shared/store/memory_world.h"

namespace tandem::store {

// What happens to a call.
enum class Fault {
  kNone,
  // It is not sent: UNAVAILABLE, or kUnavailable for every commit of the batch.
  kUnavailable,
  // It is sent and lost: nothing is done, and the caller does not know (UNAVAILABLE, or kUnknown).
  kRequestLost,
  // It is done, but the caller does not hear of it (UNAVAILABLE, or kUnknown).
  kReplyLost,
};

struct MemoryCall {
  // Name of the method: "load", "commit", "read", ...
  std::string_view name;
  // Of "commit_item": which of the batch.
  size_t item = 0;
};

// Asked before every call, outside the lock, so that it may also let a rival act just then. "commit" is asked once for
// the batch, then "commit_item" for each of its items: after kRequestLost for an item the rest of the pipeline is lost
// too; after kReplyLost the rest may still arrive, but nothing more is heard.
using FaultHook = std::function<Fault(const MemoryCall&)>;

class MemoryStore : public Store {
 public:
  explicit MemoryStore(MemoryWorld& world, FaultHook hook = {}) : world_(world), hook_(std::move(hook)) {}
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }

  Result<Loaded> load(const LoadBatch& batch) override;
  std::vector<CommitOutcome> commit(std::span<const Commit> batch, Instant now) override;
  Result<std::vector<std::pair<Source, MarkValue>>> marks(uint32_t shard) override;
  Result<std::vector<Place>> places(uint32_t shard) override;
  Status write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) override;
  Result<std::vector<std::vector<IndexEntry>>> pages(std::span<const IndexQuery> queries) override;
  Result<std::vector<uint64_t>> counts(const std::string& index, std::span<const uint32_t> shards) override;
  Result<std::vector<DueTimer>> due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) override;

 private:
  // It connects to whatever instance is there, without a word, as RedisStore does.
  MemoryWorld& world_;
  FaultHook hook_;
};

class MemoryOutbox : public Outbox {
 public:
  explicit MemoryOutbox(MemoryWorld& world, FaultHook hook = {})
      : MemoryOutbox(world, world.identity(), std::move(hook)) {}
  // As somebody who believes the data to be another's.
  MemoryOutbox(MemoryWorld& world, StoreIdentity identity, FaultHook hook = {})
      : world_(world), identity_(std::move(identity)), hook_(std::move(hook)) {}
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }

  Result<ShardStatus> open(uint32_t shard) override;
  Result<bool> lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override;
  Status release(uint32_t shard, const std::string& token) override;
  // Waits in real time.
  Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                     std::chrono::milliseconds timeout) override;
  void interrupt() override;
  Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) override;
  Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                    std::optional<uint64_t> offset) override;
  Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) override;

 private:
  // Of a world that was restarted since the last call, the first call hears that its connection was cut.
  bool connected_locked();

  std::string instance_;  // that it is connected to
  MemoryWorld& world_;
  StoreIdentity identity_;
  FaultHook hook_;
  bool interrupted_ = false;  // under the world's mutex
};

}  // namespace tandem::store
