#include "shared/store/health.h"

#include "shared/store/encoding.h"
#include "shared/store/redis_greeting.h"

namespace tandem::store {
namespace {

// Of the memory's limit, in percent, from which on it is a problem: at 100 Redis refuses every write.
constexpr uint64_t kMemoryAlarm = 90;

void find_problems(RedisHealth& health) {
  auto& problems = health.problems;
  if (health.role != "master") problems.push_back("it is a replica, a primary is needed");
  if (!health.aof_enabled) {
    problems.push_back("it keeps no append-only file: what is acknowledged is lost when it stops (set appendonly yes)");
  } else if (!health.appendfsync.empty() && health.appendfsync != "always") {
    problems.push_back("appendfsync is " + health.appendfsync +
                       ": a power cut loses acknowledged commits (set always)");
  }
  if (!health.eviction.empty() && health.eviction != "noeviction") {
    problems.push_back("maxmemory-policy is " + health.eviction +
                       ": when its memory is full it forgets requests and states (set noeviction)");
  }
  if (!health.aof_last_write_ok) problems.push_back("the last write of its append-only file failed: is the disk full?");
  if (!health.aof_last_rewrite_ok) problems.push_back("the last rewrite of its append-only file failed");
  const bool memory_full =
      health.maximum_memory > 0 && health.used_memory >= health.maximum_memory / 100 * kMemoryAlarm;
  health.refuses_writes = memory_full || (health.aof_enabled && !health.aof_last_write_ok);
  if (memory_full) {
    problems.push_back("its memory is nearly full: writes will be refused");
  }
}

Result<RedisHealth> ask(RedisConnection& redis) {
  TANDEM_RETURN_IF_ERROR(redis.ready());
  redis.append(RedisCommand("INFO"));
  redis.append(RedisCommand("CONFIG").add("GET").add("appendfsync"));
  TANDEM_RETURN_IF_ERROR(redis.flush());
  TANDEM_ASSIGN_OR_RETURN(RedisReply info, redis.read());
  TANDEM_ASSIGN_OR_RETURN(RedisReply config, redis.read());
  if (info->type == REDIS_REPLY_ERROR) return redis_unavailable(redis.endpoint(), std::string(text_of(*info)));
  auto pair = elements_of(*config);
  return parse_health(redis.endpoint().name(), text_of(*info), std::string(pair.size() == 2 ? text_of(*pair[1]) : ""));
}

}  // namespace

RedisHealth parse_health(const std::string& endpoint, std::string_view info, const std::string& appendfsync) {
  RedisHealth health;
  health.endpoint = endpoint;
  health.reachable = true;
  health.version = info_field(info, "redis_version");
  health.role = info_field(info, "role");
  health.used_memory = parse_number(info_field(info, "used_memory")).value_or(0);
  health.maximum_memory = parse_number(info_field(info, "maxmemory")).value_or(0);
  health.eviction = info_field(info, "maxmemory_policy");
  health.aof_enabled = info_field(info, "aof_enabled") == "1";
  health.aof_last_write_ok = info_field(info, "aof_last_write_status") == "ok";
  health.aof_last_rewrite_ok = info_field(info, "aof_last_bgrewrite_status") == "ok";
  health.appendfsync = appendfsync;
  find_problems(health);
  return health;
}

RedisHealthProbe::RedisHealthProbe(const RedisTopology& topology, const RedisTimeouts& timeouts) {
  for (const auto& endpoint : topology.endpoints) {
    connections_.push_back(std::make_unique<RedisConnection>(endpoint, timeouts, RedisConnection::Greeting()));
  }
}

std::vector<RedisHealth> RedisHealthProbe::check() {
  std::vector<RedisHealth> healths;
  for (auto& redis : connections_) {
    auto health = ask(*redis);
    if (health.ok()) {
      healths.push_back(std::move(health).value());
      continue;
    }
    RedisHealth& unreachable = healths.emplace_back();
    unreachable.endpoint = redis->endpoint().name();
    unreachable.problems.push_back(health.error().message);
  }
  return healths;
}

}  // namespace tandem::store
