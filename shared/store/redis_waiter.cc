#include "shared/store/redis_waiter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tandem::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long Redis lets an XREAD wait; longer than any wait of ours would only keep it from noticing that we are gone.
constexpr milliseconds kBlock{1'000};

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
  for (Blocked& blocked : blocked_) blocked.wanted.clear();
  for (const auto& one : after) blocked_[shards_.options().topology.endpoint_of(one.first)].wanted.push_back(one);
  const auto end = steady_clock::now() + timeout;
  for (;;) {
    Status verdict;
    for (size_t i = 0; i < blocked_.size(); ++i) {
      if (Status sent = prepare(i, timeout, ready); !sent.ok()) verdict = sent;
    }
    // With an endpoint that does not answer there is nothing to wait for: what the others have is taken, and no more.
    if (verdict.ok() && ready.empty()) poll_all(end);
    const bool interrupted = take_interrupt();
    for (size_t i = 0; i < blocked_.size(); ++i) {
      if (Status received = collect(i, ready); !received.ok()) verdict = received;
    }
    if (!verdict.ok()) return verdict.error();
    if (!ready.empty() || interrupted || steady_clock::now() >= end) return ready;
  }
}

// Makes sure that what is wanted is asked for.
Status RedisWaiter::prepare(size_t endpoint, milliseconds timeout, std::vector<uint32_t>& ready) {
  Blocked& blocked = blocked_[endpoint];
  if (!blocked.outstanding.empty()) {
    if (blocked.outstanding == blocked.wanted && timeout.count() > 0) return {};
    TANDEM_RETURN_IF_ERROR(release(endpoint));
    // It may have found something meanwhile, that is still wanted or not.
    std::vector<uint32_t> found;
    TANDEM_RETURN_IF_ERROR(receive(blocked, found));
    for (uint32_t shard : found) {
      if (std::ranges::any_of(blocked.wanted, [&](const auto& one) { return one.first == shard; })) {
        ready.push_back(shard);
      }
    }
    if (!ready.empty()) return {};
  }
  return blocked.wanted.empty() ? Status() : send(blocked, timeout);
}

Status RedisWaiter::send(Blocked& blocked, milliseconds timeout) {
  TANDEM_RETURN_IF_ERROR(blocked.redis->ready());
  RedisCommand command("XREAD");
  command.add("COUNT").add("1");
  if (timeout.count() > 0) command.add("BLOCK").add(std::to_string(kBlock.count()));
  command.add("STREAMS");
  for (const auto& [shard, n] : blocked.wanted) command.add(shards_.keys(shard).outbox);
  for (const auto& [shard, n] : blocked.wanted) command.add(std::to_string(n) + "-0");
  blocked.redis->append(command);
  TANDEM_RETURN_IF_ERROR(blocked.redis->flush());
  blocked.outstanding = blocked.wanted;
  blocked.may_block = timeout.count() > 0;
  blocked.answer_due =
      steady_clock::now() + shards_.options().timeouts.command + (blocked.may_block ? kBlock : milliseconds(0));
  return {};
}

void RedisWaiter::poll_all(steady_clock::time_point end) {
  std::vector<pollfd> descriptors = {{.fd = event_, .events = POLLIN, .revents = 0}};
  for (const Blocked& blocked : blocked_) {
    if (blocked.outstanding.empty()) continue;
    descriptors.push_back({.fd = blocked.redis->descriptor(), .events = POLLIN, .revents = 0});
    // What was asked without blocking is answered at once.
    if (!blocked.may_block) end = std::max(end, blocked.answer_due);
  }
  for (;;) {
    auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return;
    // A signal may end it early.
    if (poll(descriptors.data(), descriptors.size(), static_cast<int>(left.count())) > 0) return;
  }
}

// Takes the answer, if it is there or has to be. What may still wait is left waiting.
Status RedisWaiter::collect(size_t endpoint, std::vector<uint32_t>& ready) {
  Blocked& blocked = blocked_[endpoint];
  if (blocked.outstanding.empty()) return {};
  if (readable(blocked.redis->descriptor(), milliseconds(0))) return receive(blocked, ready);
  if (blocked.may_block && steady_clock::now() < blocked.answer_due) return {};
  TANDEM_RETURN_IF_ERROR(release(endpoint));
  return receive(blocked, ready);
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
      blocked.outstanding.clear();
      blocked.redis->drop();
      return asked;
    }
  }
  return {};
}

Status RedisWaiter::receive(Blocked& blocked, std::vector<uint32_t>& ready) {
  const After asked = std::exchange(blocked.outstanding, {});
  TANDEM_ASSIGN_OR_RETURN(RedisReply reply, blocked.redis->read());
  if (reply->type == REDIS_REPLY_ERROR) {
    blocked.redis->drop();
    return redis_unavailable(blocked.redis->endpoint(), std::string(text_of(*reply)));
  }
  for (const redisReply* stream : elements_of(*reply)) {
    auto parts = elements_of(*stream);
    std::string_view key = parts.empty() ? std::string_view() : text_of(*parts[0]);
    for (const auto& [shard, n] : asked) {
      if (key == shards_.keys(shard).outbox) ready.push_back(shard);
    }
  }
  return {};
}

}  // namespace tandem::store
