#include "shared/store/redis_waiter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace tandem::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool readable(int descriptor, milliseconds timeout) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&one, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace

RedisWaiter::RedisWaiter(RedisShards& shards) : shards_(shards), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) throw std::runtime_error("no eventfd: too many open files");
  const auto& endpoints = shards.options().topology.endpoints;
  blocked_.resize(endpoints.size());
  for (size_t i = 0; i < endpoints.size(); ++i) {
    auto greet = [this, i](RedisConnection& redis) -> Status {
      TANDEM_ASSIGN_OR_RETURN(RedisReply id, redis.call(RedisCommand("CLIENT").add("ID")));
      auto number = number_of(*id);
      if (!number) return redis_unavailable(redis.endpoint(), std::string(text_of(*id)));
      blocked_[i].client_id = std::to_string(*number);
      return {};
    };
    blocked_[i].redis = std::make_unique<RedisConnection>(endpoints[i], shards.options().timeouts, greet);
  }
}

RedisWaiter::~RedisWaiter() { close(event_); }

void RedisWaiter::interrupt() {
  uint64_t one = 1;
  (void)!write(event_, &one, sizeof(one));  // fails only if the counter is full, and then it is set anyway
}

bool RedisWaiter::take_interrupt() {
  uint64_t count = 0;
  return ::read(event_, &count, sizeof(count)) == sizeof(count);
}

Result<std::vector<uint32_t>> RedisWaiter::wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                                milliseconds timeout) {
  std::vector<uint32_t> ready;
  if (take_interrupt()) return ready;
  for (Blocked& blocked : blocked_) blocked.after.clear();
  for (const auto& one : after) blocked_[shards_.options().topology.endpoint_of(one.first)].after.push_back(one);
  Status verdict;
  for (Blocked& blocked : blocked_) {
    if (Status sent = send(blocked, timeout); !sent.ok()) {
      blocked.after.clear();
      verdict = sent;
    }
  }
  // With an endpoint that does not answer there is nothing to wait for: what the others have is taken, and no more.
  if (verdict.ok()) poll_all(timeout);
  take_interrupt();
  for (size_t i = 0; i < blocked_.size(); ++i) {
    if (blocked_[i].after.empty()) continue;
    Status received = release(i);
    if (received.ok()) received = receive(blocked_[i], ready);
    if (!received.ok()) verdict = received;
  }
  if (!verdict.ok()) return verdict.error();
  return ready;
}

Status RedisWaiter::send(Blocked& blocked, milliseconds timeout) {
  if (blocked.after.empty()) return {};
  TANDEM_RETURN_IF_ERROR(blocked.redis->ready());
  RedisCommand command("XREAD");
  command.add("COUNT").add("1");
  if (timeout.count() > 0) command.add("BLOCK").add(std::to_string(timeout.count()));
  command.add("STREAMS");
  for (const auto& [shard, n] : blocked.after) command.add(shards_.keys(shard).outbox);
  for (const auto& [shard, n] : blocked.after) command.add(std::to_string(n) + "-0");
  blocked.redis->append(command);
  return blocked.redis->flush();
}

void RedisWaiter::poll_all(milliseconds timeout) {
  std::vector<pollfd> descriptors = {{.fd = event_, .events = POLLIN, .revents = 0}};
  for (const Blocked& blocked : blocked_) {
    if (!blocked.after.empty()) {
      descriptors.push_back({.fd = blocked.redis->descriptor(), .events = POLLIN, .revents = 0});
    }
  }
  auto end = steady_clock::now() + std::max(timeout, milliseconds(0)) + shards_.options().timeouts.command;
  for (;;) {
    auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return;
    // A signal may end it early.
    if (poll(descriptors.data(), descriptors.size(), static_cast<int>(left.count())) > 0) return;
  }
}

// Makes Redis answer now. It may not have come to the XREAD yet, and then there is nothing to unblock: asked until the
// answer is there.
Status RedisWaiter::release(size_t endpoint) {
  Blocked& blocked = blocked_[endpoint];
  auto end = steady_clock::now() + shards_.options().timeouts.command;
  while (!readable(blocked.redis->descriptor(), milliseconds(0))) {
    RedisConnection& other = shards_.endpoint_connection(endpoint);
    Status asked = other.ready();
    if (asked.ok()) {
      auto reply = other.call(RedisCommand("CLIENT").add("UNBLOCK").add(blocked.client_id));
      if (!reply.ok()) asked = reply.error();
    }
    if (asked.ok() && readable(blocked.redis->descriptor(), milliseconds(10))) return {};
    if (asked.ok() && steady_clock::now() >= end) {
      asked = redis_unavailable(blocked.redis->endpoint(), "does not answer");
    }
    if (!asked.ok()) {
      blocked.redis->drop();
      return asked;
    }
  }
  return {};
}

Status RedisWaiter::receive(Blocked& blocked, std::vector<uint32_t>& ready) {
  TANDEM_ASSIGN_OR_RETURN(RedisReply reply, blocked.redis->read());
  if (reply->type == REDIS_REPLY_ERROR) {
    blocked.redis->drop();
    return redis_unavailable(blocked.redis->endpoint(), std::string(text_of(*reply)));
  }
  for (const redisReply* stream : elements_of(*reply)) {
    auto parts = elements_of(*stream);
    std::string_view key = parts.empty() ? std::string_view() : text_of(*parts[0]);
    for (const auto& [shard, n] : blocked.after) {
      if (key == shards_.keys(shard).outbox) ready.push_back(shard);
    }
  }
  return {};
}

}  // namespace tandem::store
