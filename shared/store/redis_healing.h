// Healing in Redis: see shared/aggregate/healing.h for the calls, redis_shards.h for what happens on a new connection.
//
// Used by one thread, on connections of its own. When a connection breaks, one call at least is UNAVAILABLE before the
// next one works: then look again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/store/redis_shards.h"

namespace tandem::store {

class RedisHealing : public Healing {
 public:
  explicit RedisHealing(RedisOptions options) : redis_(std::move(options), RedisConnection::OnLoss::kReport) {}

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
  Result<ShardCondition> parse_condition(const redisReply& reply) const;

  RedisShards redis_;
};

}  // namespace tandem::store
