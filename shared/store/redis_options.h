// Where a service's Redis is, and how long to wait for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/store/identity.h"

namespace tandem::store {

struct RedisEndpoint {
  std::string host = "127.0.0.1";
  uint16_t port = 6379;
  // Empty: no AUTH. Without a user name, the default user's password.
  std::string username = {};
  std::string password = {};

  std::string name() const { return host + ":" + std::to_string(port); }
};

// Which shard lives where: normally all in one Redis primary.
struct RedisTopology {
  // At least one.
  std::vector<RedisEndpoint> endpoints = {RedisEndpoint{}};
  // Shard -> index of its endpoint. Shards beyond its end go round the endpoints in turn.
  std::vector<size_t> table = {};

  size_t endpoint_of(uint32_t shard) const { return shard < table.size() ? table[shard] : shard % endpoints.size(); }
};

struct RedisTimeouts {
  std::chrono::milliseconds connect{500};
  // For each reply on a new connection, before it is used.
  std::chrono::milliseconds greeting{1000};
  // For the reply to a command. With appendfsync always it includes the disk's fsync.
  std::chrono::milliseconds command{3000};
  // How long a call waits for a connection before it says UNAVAILABLE.
  std::chrono::milliseconds patience{200};
  // Between attempts to connect, see backoff.h.
  std::chrono::milliseconds first_retry{10};
  std::chrono::milliseconds last_retry{1000};
};

struct RedisOptions {
  StoreIdentity identity = {};
  RedisTopology topology = {};
  RedisTimeouts timeouts = {};
  // In front of every key, so that several installations (or tests) can share a server.
  std::string prefix = {};
};

}  // namespace tandem::store
