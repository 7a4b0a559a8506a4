// The ports of a simulated replica: production's in-memory twins, with a call of the scheduler before and after each,
// where others may act and the process may die.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/store/memory_healing.h"
#include "shared/store/memory_store.h"

namespace tandem::simulation {

class Replica;
class Simulation;

class SimStore : public Store {
 public:
  SimStore(Simulation& simulation, Replica& replica, store::MemoryWorld& world);

  Result<Loaded> load(const LoadBatch& batch) override;
  std::vector<CommitOutcome> commit(std::span<const Commit> batch, Instant now) override;
  Result<std::vector<std::pair<Source, MarkValue>>> marks(uint32_t shard) override;
  Result<std::vector<Place>> places(uint32_t shard) override;
  Status write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) override;
  Result<std::vector<std::vector<IndexEntry>>> pages(std::span<const IndexQuery> queries) override;
  Result<std::vector<uint64_t>> counts(const std::string& index, std::span<const uint32_t> shards) override;
  Result<std::vector<DueTimer>> due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) override;

 private:
  // The tooth W14: what was stored last by this replica is what it believes.
  void recall(const LoadBatch& batch, Loaded& loaded) const;
  void remember(std::span<const Commit> batch, std::span<const CommitOutcome> outcomes);

  Simulation& simulation_;
  Replica& replica_;
  store::MemoryStore inner_;
  std::map<AggregateRef, Stored> cache_;
};

class SimOutbox : public Outbox {
 public:
  SimOutbox(Simulation& simulation, Replica& replica, store::MemoryWorld& world);

  Result<ShardStatus> open(uint32_t shard) override;
  Result<bool> lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override;
  Status release(uint32_t shard, const std::string& token) override;
  // No longer than others act.
  Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                     std::chrono::milliseconds timeout) override;
  void interrupt() override {}
  Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) override;
  Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                    std::optional<uint64_t> offset) override;
  Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) override;

 private:
  Simulation& simulation_;
  Replica& replica_;
  store::MemoryWorld& world_;
  store::MemoryOutbox inner_;
};

class SimHealing : public Healing {
 public:
  SimHealing(Simulation& simulation, Replica& replica, store::MemoryWorld& world);

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
  Simulation& simulation_;
  Replica& replica_;
  store::MemoryHealing inner_;
};

}  // namespace tandem::simulation
