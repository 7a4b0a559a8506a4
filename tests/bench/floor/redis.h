// A pipeline to one Redis, as thin as hiredis allows: no reconnecting, no checks. What goes wrong ends the program, by
// an exception: a floor that recovers would measure something else.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::bench {

// Throws std::runtime_error.
[[noreturn]] void fail(const std::string& what);

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;
using Arguments = std::vector<std::string>;

inline std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

class Redis {
 public:
  explicit Redis(uint16_t port);

  void append(const Arguments& command);
  void flush();
  // Fails on an error of Redis.
  Reply read();
  Reply call(const Arguments& command);
  int descriptor() const { return context_->fd; }

 private:
  struct ContextDeleter {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  std::unique_ptr<redisContext, ContextDeleter> context_;
  std::vector<const char*> pointers_;
  std::vector<size_t> lengths_;
};

// "{floor-sales:3}:<name>".
std::string shard_key(std::string_view service, uint32_t shard, std::string_view name);

// Loads the product's functions and opens every shard in generation 1 for the instance kInstance.
inline constexpr char kInstance[] = "floor";
void open_shards(Redis& redis, std::string_view service, uint32_t shards);

}  // namespace tandem::bench
