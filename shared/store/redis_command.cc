#include "shared/store/redis_command.h"

#include <utility>

#include "shared/store/encoding.h"

namespace tandem::store {

RedisCommand& RedisCommand::add(std::string_view argument) {
  arguments_ += '$';
  arguments_ += std::to_string(argument.size());
  arguments_ += "\r\n";
  arguments_ += argument;
  arguments_ += "\r\n";
  ++count_;
  return *this;
}

std::string RedisCommand::text() const { return "*" + std::to_string(count_) + "\r\n" + arguments_; }

RedisCommand call_function(std::string_view name, std::span<const std::string> keys) {
  RedisCommand command("FCALL");
  command.add(name).add(keys.size());
  for (const auto& key : keys) command.add(key);
  return command;
}

std::string_view text_of(const redisReply& reply) {
  bool text = reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS || reply.type == REDIS_REPLY_ERROR;
  return text ? std::string_view(reply.str, reply.len) : std::string_view();
}

std::optional<uint64_t> number_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_INTEGER) return parse_number(text_of(reply));
  if (reply.integer < 0) return std::nullopt;
  return static_cast<uint64_t>(reply.integer);
}

std::span<redisReply* const> elements_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY) return {};
  return {reply.element, reply.elements};
}

RedisReply take_element(redisReply& reply, size_t index) {
  return RedisReply(std::exchange(reply.element[index], nullptr));
}

Error unexpected_reply(const redisReply& reply) {
  return make_error(Code::kInternal, "Redis gave a reply of type " + std::to_string(reply.type) +
                                         " that was not expected: \"" + std::string(text_of(reply)) + "\"");
}

}  // namespace tandem::store
