// How a redis-server is started so that it may hold Tandem's data: by `tandem up`, and by tests. What operators set on
// theirs is the same: docs/operations.md, "What Redis needs".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tandem::store {

// Arguments of redis-server. `folder` is for its data, and exists.
inline std::vector<std::string> redis_server_arguments(const std::string& host, uint16_t port,
                                                       const std::string& folder) {
  return {"--port", std::to_string(port), "--bind", host, "--dir", folder,
          // What was acknowledged is on disk.
          "--appendonly", "yes", "--appendfsync", "always", "--save", "",
          // A tail that was torn off in the middle of a write was never acknowledged.
          "--aof-load-truncated", "yes",
          // What is full refuses writes, and forgets nothing.
          "--maxmemory-policy", "noeviction", "--daemonize", "no"};
}

}  // namespace tandem::store
