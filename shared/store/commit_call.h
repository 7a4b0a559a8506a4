// The call of tandem_v2_commit: a Commit as its keys and arguments, and its reply as an outcome.
#pragma once

#include <map>
#include <string>

#include "shared/aggregate/store.h"
#include "shared/store/encoding.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_keys.h"

namespace tandem::store {

RedisCommand commit_command(const RedisKeys& keys, const Commit& commit, const std::string& instance, Instant now);

// Changes as both this call and tandem_v2_fold take them: how many members to remove and arguments to add, then these.
void add_timer_edits(RedisCommand& command, const TimerEdits& edits);
void add_index_edits(RedisCommand& command, const std::map<std::string, bool>& members);

// kUnavailable also where the shard is not reconciled with the caller's instance of Redis; then `other_instance` is
// set.
CommitOutcome parse_commit_reply(const redisReply& reply, bool& other_instance);

}  // namespace tandem::store
