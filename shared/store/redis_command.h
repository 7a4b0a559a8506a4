// A command in Redis' protocol, and what comes back.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem::store {

// RedisCommand("SET").add(key).add(value): arguments are bytes, lengths are sent with them.
class RedisCommand {
 public:
  explicit RedisCommand(std::string_view name) { add(name); }
  RedisCommand& add(std::string_view argument);
  RedisCommand& add(uint64_t number) { return add(std::to_string(number)); }
  // As it goes over the wire.
  std::string text() const;

 private:
  std::string arguments_;
  size_t count_ = 0;
};

// A function of functions.lua with its keys; arguments follow with add().
RedisCommand call_function(std::string_view name, std::span<const std::string> keys);

struct RedisReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, RedisReplyDeleter>;

// Views of a reply, valid as long as it. What is not of the type asked for is empty, or absent.
std::string_view text_of(const redisReply& reply);
std::optional<uint64_t> number_of(const redisReply& reply);  // an integer, or a string that is one
std::span<redisReply* const> elements_of(const redisReply& reply);

// Takes an element out of an array.
RedisReply take_element(redisReply& reply, size_t index);

// For replies that are not what the command can answer: INTERNAL.
Error unexpected_reply(const redisReply& reply);

}  // namespace tandem::store
