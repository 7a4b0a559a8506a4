// The outbox in Redis: see shared/aggregate/store.h for the calls, redis_shards.h for what happens on a new connection.
//
// Used by one thread, on connections of its own; only interrupt() may come from others. When a connection breaks, one
// call at least is UNAVAILABLE before the next one works: then forget all that was read, and every acknowledgement
// under way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/store/redis_shards.h"
#include "shared/store/redis_waiter.h"

namespace tandem::store {

class RedisOutbox : public Outbox {
 public:
  explicit RedisOutbox(RedisOptions options)
      : redis_(std::move(options), RedisConnection::OnLoss::kReport), waiter_(redis_) {}

  Result<ShardStatus> open(uint32_t shard) override;
  Result<bool> lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override;
  Status release(uint32_t shard, const std::string& token) override;
  Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                     std::chrono::milliseconds timeout) override {
    return waiter_.wait(after, timeout);
  }
  void interrupt() override { waiter_.interrupt(); }
  Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) override;
  Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                    std::optional<uint64_t> offset) override;
  Result<std::vector<OutboxRead>> read_all(std::span<const OutboxQuery> queries) override;
  Result<std::vector<bool>> trim_all(std::span<const OutboxTrim> trims) override;
  Result<std::vector<bool>> lease_all(std::span<const OutboxLease> leases, std::chrono::milliseconds ttl) override;
  Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) override;

 private:
  RedisShards redis_;
  RedisWaiter waiter_;
};

}  // namespace tandem::store
