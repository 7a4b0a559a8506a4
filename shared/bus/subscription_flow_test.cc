// Back-pressure, and the watchdog beside it.
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/subscription.h"

namespace tandem::bus {
namespace {

// crm reads sales, one event at a time, and takes reads that give nothing for 5 s for a client that hangs.
struct SubscriptionFlowTest : testing::Test {
  SubscriptionFlowTest() {
    options.installation = "test";
    options.service = "crm";
    options.sources = {"sales"};
    options.queue_events = 1;
    options.watchdog = Millis(5'000);
    for (uint32_t partition : {0, 1}) {
      for (uint64_t n = 1; n <= 10; ++n) {
        const Record record = event_record(1, n, std::to_string(n), "sales", partition);
        EXPECT_TRUE(bus.broker.append("tandem.sales.events", partition, record).ok());
      }
    }
    SubscriptionListener listener;
    listener.places = [] { return std::vector<std::vector<Place>>{{}}; };
    subscription = std::make_unique<Subscription>(bus.log, bus.clock, options, listener);
  }
  // Its steps, for so long; nobody takes anything.
  void run(int seconds) {
    for (; seconds > 0; --seconds) {
      bus.clock.advance(std::chrono::seconds(1));
      for (int i = 0; i < 3; ++i) subscription->step(Millis(0));
    }
  }

  BusWorld bus{2};
  SubscriptionOptions options;
  std::unique_ptr<Subscription> subscription;
};

// The queue was full, and after it the other partition's turn is first.
TEST_F(SubscriptionFlowTest, WhoWasHeldBackDoesNotHang) {
  run(1);
  ASSERT_EQ(subscription->queued(), 1u);
  run(6);
  EXPECT_EQ(subscription->queued(), 1u) << "it is held back";
  EXPECT_EQ(subscription->take(10).size(), 1u);
  bus.clock.advance(std::chrono::seconds(1));
  subscription->step(Millis(0));
  EXPECT_EQ(subscription->queued(), 1u);
  EXPECT_EQ(subscription->stats().restarts, 0u);
}

TEST_F(SubscriptionFlowTest, ThatItWasHeldBackIsNoExcuseAfterwards) {
  run(7);
  bus.broker.hold_reads(true);
  EXPECT_EQ(subscription->take(10).size(), 1u);
  run(4);
  EXPECT_EQ(subscription->stats().restarts, 0u);
  run(3);
  EXPECT_EQ(subscription->stats().restarts, 1u);
}

}  // namespace
}  // namespace tandem::bus
