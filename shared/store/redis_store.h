// The store in Redis: see shared/aggregate/store.h for the calls, redis_shards.h for what happens on a new connection.
//
// One handle for each thread; each owns its connections. Calls block: for at most `patience` while there is no
// connection, then for the replies, at most `command` each (redis_options.h). A read that fails is UNAVAILABLE. Of a
// commit whose connection breaks, items with a reply have that outcome and the others are kUnknown: look the request id
// up, or read the marks again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/store/redis_shards.h"

namespace tandem::store {

class RedisStore : public Store {
 public:
  explicit RedisStore(RedisOptions options) : redis_(std::move(options), RedisConnection::OnLoss::kReconnect) {}

  Result<Loaded> load(const LoadBatch& batch) override;
  std::vector<CommitOutcome> commit(std::span<const Commit> batch, Instant now) override;
  Result<std::vector<std::pair<Source, MarkValue>>> marks(uint32_t shard) override;
  Result<std::vector<Place>> places(uint32_t shard) override;
  Status write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) override;
  Result<std::vector<std::vector<IndexEntry>>> pages(std::span<const IndexQuery> queries) override;
  Result<std::vector<uint64_t>> counts(const std::string& index, std::span<const uint32_t> shards) override;
  Result<std::vector<DueTimer>> due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) override;

 private:
  RedisShards redis_;
};

}  // namespace tandem::store
