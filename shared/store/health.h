// What Redis says of itself, for `tandem status`, /healthz and alarms.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/store/redis_connection.h"
#include "shared/store/redis_options.h"

namespace tandem::store {

struct RedisHealth {
  // "127.0.0.1:6379".
  std::string endpoint;
  bool reachable = false;
  std::string version;
  std::string role;             // "master" is a primary
  uint64_t used_memory = 0;     // bytes
  uint64_t maximum_memory = 0;  // bytes; 0 = no limit
  std::string eviction;         // maxmemory-policy: "noeviction" is what Tandem needs
  bool aof_enabled = false;
  // The last write, and the last rewrite, of the append-only file succeeded.
  bool aof_last_write_ok = false;
  bool aof_last_rewrite_ok = false;
  // Disk or memory is full, or nearly so.
  bool refuses_writes = false;
  // "always" is what Tandem promises with; empty where CONFIG is not allowed, as with managed Redis.
  std::string appendfsync;
  // Empty, or in words what a person should look at: not reachable, no append-only file, not synced always, ...
  std::vector<std::string> problems;
};

// From the answer of INFO, `appendfsync` as CONFIG GET gave it.
RedisHealth parse_health(const std::string& endpoint, std::string_view info, const std::string& appendfsync);

// Has connections of its own, for one thread: that of a service's loop, or of `tandem doctor`.
class RedisHealthProbe {
 public:
  RedisHealthProbe(const RedisTopology& topology, const RedisTimeouts& timeouts);
  // Of every endpoint, one after the other. At once if it answers or refuses; one that hangs blocks for at most the
  // patience, one attempt to connect (connect and greeting) and the time-outs of two replies: less than 8 s as
  // RedisTimeouts has them.
  std::vector<RedisHealth> check();

 private:
  std::vector<std::unique_ptr<RedisConnection>> connections_;
};

}  // namespace tandem::store
