// The call of tandem_v2_fold: what events come to, as keys and arguments.
#pragma once

#include <chrono>
#include <string>

#include "shared/aggregate/healing.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_keys.h"

namespace tandem::store {

RedisCommand fold_command(const RedisKeys& keys, const std::string& token, const std::string& instance,
                          std::chrono::milliseconds ttl, const FoldedEvents& events, Instant now);

}  // namespace tandem::store
