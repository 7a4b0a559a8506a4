// The call of tandem_v1_commit: a Commit as its keys and arguments, and its reply as an outcome.
#pragma once

#include <string>

#include "shared/aggregate/store.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_keys.h"

namespace tandem::store {

// In front of a source in the meta hash, in the carried marks and in outbox entries.
inline constexpr std::string_view kMarkField = "m:";

RedisCommand commit_command(const RedisKeys& keys, const Commit& commit, const std::string& instance, Instant now);

// kUnavailable also where the shard was adopted for another instance of Redis; then `other_instance` is set.
CommitOutcome parse_commit_reply(const redisReply& reply, bool& other_instance);

}  // namespace tandem::store
