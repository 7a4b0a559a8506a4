#include "tests/bench/floor/redis.h"

#include <stdexcept>

#include "shared/store/functions.lua.h"

namespace tandem::bench {

void fail(const std::string& what) { throw std::runtime_error(what); }

Redis::Redis(uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
  if (!context_ || context_->err != 0) fail("Redis does not answer on port " + std::to_string(port));
}

void Redis::append(const Arguments& command) {
  pointers_.clear();
  lengths_.clear();
  for (const std::string& argument : command) {
    pointers_.push_back(argument.data());
    lengths_.push_back(argument.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(command.size()), pointers_.data(), lengths_.data());
}

void Redis::flush() {
  int done = 0;
  while (done == 0) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) fail(std::string("Redis: ") + context_->errstr);
  }
}

Reply Redis::read() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) fail(std::string("Redis: ") + context_->errstr);
  Reply owned(static_cast<redisReply*>(reply));
  if (owned->type == REDIS_REPLY_ERROR) fail("Redis: " + std::string(text_of(*owned)));
  return owned;
}

Reply Redis::call(const Arguments& command) {
  append(command);
  return read();
}

std::string shard_key(std::string_view service, uint32_t shard, std::string_view name) {
  std::string key = "{floor-";
  key.append(service).append(":").append(std::to_string(shard)).append("}:").append(name);
  return key;
}

void open_shards(Redis& redis, std::string_view service, uint32_t shards) {
  redis.call({"FUNCTION", "LOAD", "REPLACE", std::string(store::kFunctionsLua)});
  for (uint32_t shard = 0; shard < shards; ++shard) {
    redis.call({"HSET", shard_key(service, shard, "meta"), "generation", "1", "instance", kInstance, "number", "0",
                "trimmed", "0", "offset", "0", "carried", "0"});
  }
}

}  // namespace tandem::bench
