// A service's shards in Redis, over the connections of one handle: a RedisStore or a RedisOutbox, which has its own and
// uses them from one thread.
//
// Every new connection, before anything else: the endpoint must be a primary, has the function library loaded into it,
// and says which instance of Redis it is (run_id and master_replid). Every function is told that instance, and refuses
// what it is asked for where the shard was not reconciled with its log since this instance came up (shared/heal does
// that). A commit that is refused for it lets the connection be dropped: maybe Redis was replaced behind it.
#pragma once

#include <cstdint>
#include <memory>
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
  // The same for functions that are told to which instance the caller is connected: the commands are made, by
  // make(keys, instance) or make(item, keys, instance), once the shards' connections are there, so that it is known.
  // Items are shards, or have one.
  template <class Make>
  Result<RedisReply> call_made(uint32_t shard, Make make) {
    TANDEM_RETURN_IF_ERROR(connection(shard).ready());
    return call(shard, make(keys(shard), instance(shard)));
  }
  template <class Item, class Make>
  Result<std::vector<RedisReply>> read_made(std::span<const Item> items, Make make) {
    std::vector<std::pair<uint32_t, RedisCommand>> commands;
    for (const Item& item : items) {
      const uint32_t shard = shard_of_item(item);
      TANDEM_RETURN_IF_ERROR(connection(shard).ready());
      commands.emplace_back(shard, make(item, keys(shard), instance(shard)));
    }
    return read(commands);
  }

  // Of the shard's connection; known once a call has succeeded. A batch that spans a reconnect carries an old one, and
  // is refused.
  const std::string& instance(uint32_t shard) const;
  // Connects the endpoints of these shards, so that their instances are known. Errors show in the calls that follow.
  void connect(std::span<const uint32_t> shards);

 private:
  struct Endpoint {
    std::unique_ptr<RedisConnection> redis;
    std::string instance;
  };

  static uint32_t shard_of_item(uint32_t shard) { return shard; }
  template <class Item>
  static uint32_t shard_of_item(const Item& item) {
    return item.shard;
  }
  Status greet(size_t endpoint);
  // Sends each endpoint its pipeline before the first is waited for; returns the items to be answered, by endpoint.
  std::vector<std::vector<size_t>> send(Commands commands, bool one_turn, std::span<RedisAnswer> answers);
  void receive(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers);
  void receive_one_turn(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers);
  // Says what a reply means for its item; false if the connection is to be dropped, so that the next one compares.
  bool take(size_t endpoint, RedisReply reply, RedisAnswer& answer);

  RedisOptions options_;
  std::vector<RedisKeys> keys_;
  std::vector<std::unique_ptr<Endpoint>> connections_;
};

}  // namespace tandem::store
