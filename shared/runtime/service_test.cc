// What a service says of itself while not all is well: on the in-memory store and bus, with its threads and a real
// clock.
#include "shared/runtime/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "shared/bus/memory_log.h"
#include "shared/rpc/fake_service_testing.h"
#include "shared/store/memory_healing.h"

namespace tandem::runtime {
namespace {

using store::Fault;
using ::testing::HasSubstr;
using ::testing::Not;

std::string line(const std::string& metric, const std::string& labels, int value) {
  return "\n" + metric + "{" + labels + "} " + std::to_string(value) + "\n";
}
std::string unreconciled(int shards) { return line("tandem_shards_unreconciled", "service=\"marketing\"", shards); }
std::string trouble(const std::string& kind, int count) {
  return line("tandem_troubles", "kind=\"" + kind + "\",service=\"marketing\"", count);
}

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    const auto fault = [this](const store::MemoryCall&) { return away_ ? Fault::kUnavailable : Fault::kNone; };
    store_.set_fault_hook(fault);
    healing_.set_fault_hook(fault);
    broker_.create_topic("tandem.marketing.events", rpc::testing::kShards);
    broker_.create_topic("tandem.marketing.dead-letters", rpc::testing::kShards);
  }

  ServiceOptions options() {
    ServiceOptions options;
    options.installation = "test";
    options.shards = rpc::testing::kShards;
    options.token_key = "key";
    options.rpc.fingerprint_key = "the key of the test";
    options.start_patience = std::chrono::seconds(10);
    return options;
  }

  SystemClock clock_;
  SystemChance chance_;
  store::MemoryWorld world_{clock_, {"test", "marketing", rpc::testing::kShards}};
  store::MemoryStore store_{world_}, places_{world_};
  store::MemoryOutbox outbox_{world_}, survey_{world_};
  store::MemoryHealing healing_{world_};
  bus::MemoryBroker broker_;
  bus::MemoryLog log_{broker_};
  std::atomic<bool> away_{false};
  const ServiceDefinition definition_ = rpc::testing::fake_definition();
  Service service_{definition_, {store_, places_, outbox_, survey_, healing_, log_, clock_, chance_}, options()};
};

class RunningServiceTest : public ServiceTest {
 protected:
  void SetUp() override {
    const Status started = service_.start();
    ASSERT_TRUE(started.ok()) << to_line(started.error());
    loop_ = std::thread([this] { service_.run(stop_); });
  }
  void TearDown() override {
    stop_ = true;
    if (loop_.joinable()) loop_.join();
  }
  // The metrics, once all of that stands in them, or after a long time.
  std::string metrics_with(const std::vector<std::string>& lines) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      const std::string metrics = service_.metrics_text();
      const auto there = [&](const std::string& line) { return metrics.find(line) != std::string::npos; };
      if (std::all_of(lines.begin(), lines.end(), there) || std::chrono::steady_clock::now() >= end) return metrics;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  std::atomic<bool> stop_{false};
  std::thread loop_;
};

TEST_F(RunningServiceTest, AStoreThatIsAwayIsTheTroubleAndNotTheShardsThatNobodyCanLookAt) {
  away_ = true;
  const std::vector<std::string> away{unreconciled(rpc::testing::kShards), trouble("store_down", 1),
                                      trouble("shard_unreconciled", 0)};
  const std::string metrics = metrics_with(away);
  for (const std::string& line : away) EXPECT_THAT(metrics, HasSubstr(line));
  away_ = false;
  const std::vector<std::string> back{unreconciled(0), trouble("store_down", 0)};
  const std::string after = metrics_with(back);
  for (const std::string& line : back) EXPECT_THAT(after, HasSubstr(line));
}

TEST_F(ServiceTest, AStartWaitsForAsLongAsAnotherReplicaHeals) {
  store::MemoryHealing another(world_);
  const auto claimed = another.claim(0, "another", std::chrono::minutes(1));
  ASSERT_TRUE(claimed.ok() && claimed->verdict == Claim::Verdict::kClaimed);
  ServiceOptions brief = options();
  brief.start_patience = std::chrono::milliseconds(300);
  Service service(definition_, {store_, places_, outbox_, survey_, healing_, log_, clock_, chance_}, brief);
  std::thread gives_up([&] {
    std::this_thread::sleep_for(4 * brief.start_patience);
    EXPECT_TRUE(another.abandon(0, "another").ok());
  });
  const Status started = service.start();
  gives_up.join();
  EXPECT_TRUE(started.ok()) << to_line(started.error());
}

TEST_F(ServiceTest, TheMetricsTellOfAHealingAtTheStart) {
  bool seen = false;
  healing_.set_fault_hook([&](const store::MemoryCall&) {
    seen = seen || service_.metrics_text().find(unreconciled(rpc::testing::kShards)) != std::string::npos;
    return seen ? Fault::kNone : Fault::kUnavailable;
  });
  EXPECT_THAT(service_.metrics_text(), Not(HasSubstr(unreconciled(rpc::testing::kShards))));
  const Status started = service_.start();
  EXPECT_TRUE(started.ok()) << to_line(started.error());
  EXPECT_TRUE(seen);
  EXPECT_THAT(service_.metrics_text(), HasSubstr(unreconciled(0)));
}

}  // namespace
}  // namespace tandem::runtime
