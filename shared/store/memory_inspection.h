// The in-memory twin of RedisInspection: see shared/aggregate/inspection.h.
#pragma once

#include "shared/aggregate/inspection.h"
#include "shared/store/memory_store.h"

namespace tandem::store {

class MemoryInspection : public Inspection {
 public:
  explicit MemoryInspection(MemoryWorld& world) : world_(world) {}

  Result<ShardDump> dump(uint32_t shard) override;
  Result<std::map<Source, MarkValue>> marks(uint32_t shard) override;
  Result<AggregateDump> look(uint32_t shard, const AggregateRef& ref,
                             const std::set<std::pair<std::string, std::string>>& indexes,
                             const std::set<std::string>& timers) override;
  Result<std::pair<uint64_t, std::vector<OutboxEntry>>> outbox(uint32_t shard, uint64_t after, uint32_t limit) override;
  Result<bool> mend(uint32_t shard, const AggregateRef& ref, const AggregateDump& found,
                    const AggregateDump& right) override;

 private:
  MemoryWorld& world_;
};

}  // namespace tandem::store
