// A service's shards in Redis, over the connections of one handle: a RedisStore or a RedisOutbox, which has its own and
// uses them from one thread.
//
// Every new connection, before anything else: the endpoint must be a primary, has the function library loaded into it,
// and each of its shards is compared with what this process knows. The rules (healing comes with a later version):
//   - a shard of another installation, or made with another number of shards: FAILED_PRECONDITION;
//   - a shard in which this handle has seen data and which is empty, or whose last event has a smaller number than one
//     that this handle has seen acknowledged: UNAVAILABLE, in words, for every call, until the data is back;
//   - otherwise the shard is adopted for this instance of Redis (run_id and master_replid), which it notes. So a Redis
//     that restarts with its append-only file needs nobody's help.
// A commit carries the instance of its connection and is refused if the shard was adopted for another one since: then
// the connection is dropped, and compares again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_connection.h"
#include "shared/store/redis_keys.h"
#include "shared/store/redis_options.h"

namespace tandem::store {

// What became of a command of a pipeline.
struct RedisAnswer {
  enum class Kind {
    kReply,
    kNotDone,  // not sent, or refused by Redis before it did anything; `error` says why
    kLost,     // sent, and it is not known whether it was done
  };
  Kind kind = Kind::kNotDone;
  RedisReply reply;
  Error error;
};

class RedisShards {
 public:
  RedisShards(RedisOptions options, RedisConnection::OnLoss on_loss);

  const RedisOptions& options() const { return options_; }
  const RedisKeys& keys(uint32_t shard) const { return keys_.at(shard); }
  RedisConnection& connection(uint32_t shard) { return *connections_[options_.topology.endpoint_of(shard)]->redis; }
  RedisConnection& endpoint_connection(size_t endpoint) { return *connections_[endpoint]->redis; }

  using Commands = std::span<const std::pair<uint32_t, RedisCommand>>;

  // Commands with the shards they are for, one pipeline for each endpoint; one answer for each command.
  std::vector<RedisAnswer> execute(Commands commands);
  // The same, carried out in one turn of each Redis, so that writes share one fsync. (Redis reads 16 KB of a pipeline a
  // turn, and with appendfsync always it syncs in each.) One command's failure does not stop the others.
  std::vector<RedisAnswer> execute_in_one_turn(Commands commands);
  // For reads: all the replies, or the first error.
  Result<std::vector<RedisReply>> read(Commands commands);
  Result<RedisReply> call(uint32_t shard, RedisCommand command);

  // Of the shard's connection; known once a call has succeeded. A batch that spans a reconnect carries an old one, and
  // is refused.
  const std::string& instance(uint32_t shard) const;
  // Connects the endpoints of these shards, so that their instances are known. Errors show in the calls that follow.
  void connect(std::span<const uint32_t> shards);
  // Opens a shard, see Outbox::open.
  Result<ShardStatus> open(uint32_t shard);
  // An acknowledged event's number: the shard must never be behind it again.
  void seen(uint32_t shard, uint64_t n);

 private:
  struct Endpoint {
    std::unique_ptr<RedisConnection> redis;
    std::string instance;
  };

  Status greet(size_t endpoint);
  Status adopt(size_t endpoint);
  RedisCommand open_command(uint32_t shard, bool create) const;
  Result<std::optional<ShardStatus>> opened(uint32_t shard, const redisReply& reply);
  // Sends each endpoint its pipeline before the first is waited for; returns the items to be answered, by endpoint.
  std::vector<std::vector<size_t>> send(Commands commands, bool one_turn, std::span<RedisAnswer> answers);
  void receive(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers);
  void receive_one_turn(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers);
  // Says what a reply means for its item; false if the connection is to be dropped, so that the next one compares.
  bool take(size_t endpoint, RedisReply reply, RedisAnswer& answer);

  RedisOptions options_;
  std::vector<RedisKeys> keys_;
  std::vector<std::optional<uint64_t>> seen_;
  std::vector<std::unique_ptr<Endpoint>> connections_;
};

// The reply of tandem_v1_status, or of the second part of tandem_v1_open's.
Result<ShardStatus> parse_status(const redisReply& reply);

}  // namespace tandem::store
