#include "shared/store/store_testing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace tandem::store::testing {

std::string version(int number) {
  std::string digits = std::to_string(number);
  return std::string(16 - digits.size(), '0') + digits;
}

Commit event(int before, int after) {
  Commit commit;
  commit.generation = 1;
  commit.aggregate = {"lead", "a"};
  commit.expected_version = before == 0 ? "" : version(before);
  commit.change = {version(after), "state " + std::to_string(after), "record " + std::to_string(after), {}};
  return commit;
}

Commit request(const std::string& id, int before, int after) {
  Commit commit = event(before, after);
  commit.request_id = id;
  commit.fingerprint = "print";
  commit.reply = "reply";
  return commit;
}

Commit nothing(MarkValue expected, MarkValue to) {
  Commit commit;
  commit.generation = 1;
  commit.aggregate = {"lead", "none"};
  commit.mark = MarkMove{{"marketing", 0}, expected, to};
  return commit;
}

uint64_t reconcile(Healing& healing, uint32_t shard) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  static std::atomic<int> claims{0};
  const std::string token = "healer-" + std::to_string(++claims);
  auto claimed = healing.claim(shard, token, std::chrono::hours(1));
  while (!claimed.ok() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    claimed = healing.claim(shard, token, std::chrono::hours(1));
  }
  if (!claimed.ok()) {
    ADD_FAILURE() << to_line(claimed.error());
    return 0;
  }
  if (claimed->verdict == Claim::Verdict::kNotNeeded) return claimed->condition.generation;
  const uint64_t generation = claimed->condition.generation + 1;
  EXPECT_TRUE(*healing.finish(shard, token, {generation, claimed->condition.trimmed, "nonce"}));
  return generation;
}

}  // namespace tandem::store::testing
