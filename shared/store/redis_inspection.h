// Inspection of shards in Redis: see shared/aggregate/inspection.h. The keys are found with SCAN, which does not hold
// Redis up, but walks over all keys of an endpoint, whose ever they are: so it is done once for all of its shards, and
// each one's dump takes its names from there: they are as old as the first dump of a round over all shards.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/inspection.h"
#include "shared/store/redis_shards.h"

namespace tandem::store {

class RedisInspection : public Inspection {
 public:
  explicit RedisInspection(RedisOptions options) : redis_(std::move(options), RedisConnection::OnLoss::kReconnect) {}

  Result<ShardDump> dump(uint32_t shard) override;
  Result<std::map<Source, MarkValue>> marks(uint32_t shard) override;
  Result<AggregateDump> look(uint32_t shard, const AggregateRef& ref,
                             const std::set<std::pair<std::string, std::string>>& indexes,
                             const std::set<std::string>& timers) override;
  Result<std::vector<AggregateDump>> look_all(uint32_t shard, std::span<const Look> looks) override;
  Result<std::pair<uint64_t, std::vector<OutboxEntry>>> outbox(uint32_t shard, uint64_t after, uint32_t limit) override;
  Result<bool> mend(uint32_t shard, const AggregateRef& ref, const AggregateDump& found,
                    const AggregateDump& right) override;

 private:
  using Keys = std::vector<std::string>;
  // What a shard had at the beginning of a scan.
  struct Names {
    uint64_t number = 0;
    Keys values;   // states and request ids, without the shard's tag
    Keys indexes;  // by name
  };

  // All shards of this one's endpoint.
  Status scan(uint32_t shard);
  Result<Names> names_of(uint32_t shard);
  Status dump_meta(uint32_t shard, ShardDump& dump, uint64_t& number);
  Status dump_keys(uint32_t shard, std::span<const std::string> keys, ShardDump& dump);
  Status dump_timers(uint32_t shard, ShardDump& dump);
  Status dump_indexes(uint32_t shard, std::span<const std::string> indexes, ShardDump& dump);
  // Every member of each of the sorted sets, with its score.
  using Take = std::function<void(size_t set, std::string_view member, std::string_view score)>;
  Status walk(uint32_t shard, std::span<const std::string> sets, const Take& take);

  RedisShards redis_;
  std::map<uint32_t, Names> scanned_;  // and not yet dumped
};

}  // namespace tandem::store
