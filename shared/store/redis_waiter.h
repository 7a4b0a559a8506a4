// Waits for outbox entries: one XREAD BLOCK for each endpoint, on connections of their own, and an eventfd beside them.
// An interrupt is one write to the eventfd, so it can not be lost, whenever it comes. What still waits in Redis then
// goes on waiting: the next wait for the same entries takes it up. Only where other entries are wanted is it released,
// by CLIENT UNBLOCK from the handle's other connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/store/redis_shards.h"

namespace tandem::store {

class RedisWaiter {
 public:
  // `shards` must outlive it; its connections are used by the thread that waits.
  explicit RedisWaiter(RedisShards& shards);
  ~RedisWaiter();
  RedisWaiter(const RedisWaiter&) = delete;
  RedisWaiter& operator=(const RedisWaiter&) = delete;

  // See Outbox.
  Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                     std::chrono::milliseconds timeout);
  void interrupt();

 private:
  using After = std::vector<std::pair<uint32_t, uint64_t>>;
  struct Blocked {
    std::unique_ptr<RedisConnection> redis;
    std::string client_id;
    After wanted;       // of this wait
    After outstanding;  // of the XREAD that has no answer yet; empty if there is none
    bool may_block = false;
    std::chrono::steady_clock::time_point answer_due{};
  };

  Status prepare(size_t endpoint, std::chrono::milliseconds timeout, std::vector<uint32_t>& ready);
  Status send(Blocked& blocked, std::chrono::milliseconds timeout);
  void poll_all(std::chrono::steady_clock::time_point end);
  bool take_interrupt();
  Status release(size_t endpoint);
  Status receive(Blocked& blocked, std::vector<uint32_t>& ready);
  Status collect(size_t endpoint, std::vector<uint32_t>& ready);

  RedisShards& shards_;
  std::vector<Blocked> blocked_;
  int event_ = -1;
};

}  // namespace tandem::store
