#include "shared/store/redis_greeting.h"

#include "shared/store/functions.lua.h"

namespace tandem::store {
namespace {

constexpr std::string_view kLibrary = "tandem_v2";

// FUNCTION LIST ... WITHCODE: a list of libraries, each a flat list of names and values.
std::string_view loaded_code(const redisReply& reply) {
  for (const redisReply* library : elements_of(reply)) {
    auto fields = elements_of(*library);
    for (size_t i = 0; i + 1 < fields.size(); i += 2) {
      if (text_of(*fields[i]) == "library_code") return text_of(*fields[i + 1]);
    }
  }
  return {};
}

Status refused(const RedisConnection& redis, const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR) return {};
  return redis_unavailable(redis.endpoint(), std::string(text_of(reply)));
}

}  // namespace

std::string info_field(std::string_view info, std::string_view name) {
  for (size_t at = 0; at < info.size();) {
    size_t end = std::min(info.find_first_of("\r\n", at), info.size());
    std::string_view line = info.substr(at, end - at);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return std::string(line.substr(name.size() + 1));
    }
    at = end + 1;
  }
  return {};
}

Result<std::string> prepare_redis(RedisConnection& redis) {
  redis.append(RedisCommand("INFO").add("server"));
  redis.append(RedisCommand("INFO").add("replication"));
  redis.append(RedisCommand("FUNCTION").add("LIST").add("LIBRARYNAME").add(kLibrary).add("WITHCODE"));
  TANDEM_RETURN_IF_ERROR(redis.flush());
  TANDEM_ASSIGN_OR_RETURN(RedisReply server, redis.read());
  TANDEM_ASSIGN_OR_RETURN(RedisReply replication, redis.read());
  TANDEM_ASSIGN_OR_RETURN(RedisReply functions, redis.read());
  for (const redisReply* reply : {server.get(), replication.get(), functions.get()}) {
    TANDEM_RETURN_IF_ERROR(refused(redis, *reply));
  }
  std::string role = info_field(text_of(*replication), "role");
  if (role != "master") return redis_unavailable(redis.endpoint(), "is a replica, a primary is needed");
  if (loaded_code(*functions) != kFunctionsLua) {
    TANDEM_ASSIGN_OR_RETURN(RedisReply loaded,
                            redis.call(RedisCommand("FUNCTION").add("LOAD").add("REPLACE").add(kFunctionsLua)));
    TANDEM_RETURN_IF_ERROR(refused(redis, *loaded));
  }
  return info_field(text_of(*server), "run_id") + ":" + info_field(text_of(*replication), "master_replid");
}

}  // namespace tandem::store
