// The in-memory twin of RedisHealing: see shared/aggregate/healing.h for the calls, memory_store.h for worlds and
// faults.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/store/memory_store.h"

namespace tandem::store {

class MemoryHealing : public Healing {
 public:
  explicit MemoryHealing(MemoryWorld& world, FaultHook hook = {})
      : MemoryHealing(world, world.identity(), std::move(hook)) {}
  // As somebody who believes the data to be another's.
  MemoryHealing(MemoryWorld& world, StoreIdentity identity, FaultHook hook = {})
      : world_(world), identity_(std::move(identity)), hook_(std::move(hook)) {}
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }

  Result<std::vector<ShardCondition>> look(std::span<const uint32_t> shards) override;
  Result<Claim> claim(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override;
  Result<bool> renew(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override;
  Result<bool> fold(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl, const FoldedEvents& events,
                    Instant now) override;
  Result<bool> finish(uint32_t shard, const std::string& token, const Reconciliation& end) override;
  Status abandon(uint32_t shard, const std::string& token) override;
  Result<std::vector<Stored>> load(uint32_t shard, std::span<const AggregateRef> aggregates) override;
  Result<std::vector<UnpublishedEvent>> unpublished(uint32_t shard, uint64_t after, uint32_t limit) override;

 private:
  // Does `work` on the shard, unless the hook or a restarted world is in the way.
  template <class T, class Work>
  Result<T> call(std::string_view name, uint32_t shard, Work work);
  bool connected_locked();

  MemoryWorld& world_;
  StoreIdentity identity_;
  FaultHook hook_;
  std::string instance_;  // that it is connected to
};

}  // namespace tandem::store
