// What is acknowledged is trimmed with what else is acknowledged soon, unless somebody waits for it.
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/relay.h"

namespace tandem::bus {
namespace {

struct RelayTrimsTest : testing::Test {
  RelayTrimsTest() {
    bus.options.trim_every = Millis(20);
    relay = bus.make_relay(outbox);
    bus.commit(0, "first");
    EXPECT_TRUE(settle(*relay));
  }
  // The last event trimmed of shard 0, after so long.
  uint64_t trimmed_after(Millis time) {
    bus.clock.advance(time);
    EXPECT_TRUE(settle(*relay));
    return bus.status(0).trimmed;
  }

  BusWorld bus{2};
  store::MemoryOutbox outbox{bus.world};
  std::unique_ptr<Relay> relay;
};

TEST_F(RelayTrimsTest, WaitsForMore) {
  EXPECT_EQ(trimmed_after(Millis(0)), 0u);
  EXPECT_EQ(trimmed_after(Millis(15)), 0u);
  bus.commit(0, "second");
  bus.commit(1, "other");
  EXPECT_EQ(trimmed_after(Millis(4)), 0u);
  EXPECT_EQ(trimmed_after(Millis(1)), 2u) << "20 ms after the first acknowledgement";
  EXPECT_EQ(bus.status(1).trimmed, 1u) << "all together";
  bus.commit(0, "third");
  EXPECT_EQ(trimmed_after(Millis(0)), 2u) << "the wait begins anew";
  EXPECT_EQ(trimmed_after(Millis(20)), 3u);
}

TEST_F(RelayTrimsTest, NotIfSomebodyWaitsForIt) {
  EXPECT_FALSE(relay->await(0, 1, 1));
  EXPECT_EQ(trimmed_after(Millis(0)), 1u);
  bus.commit(0, "second");
  EXPECT_EQ(trimmed_after(Millis(0)), 1u) << "nobody does any more";
}

TEST_F(RelayTrimsTest, NotIfTheShardIsHandedOver) {
  relay->prefer({1});
  EXPECT_EQ(trimmed_after(Millis(0)), 1u);
  EXPECT_EQ(bus.status(0).lease, "");
}

TEST_F(RelayTrimsTest, NotIfItStops) {
  relay->stop();
  EXPECT_EQ(bus.status(0).trimmed, 1u);
}

TEST_F(RelayTrimsTest, WhatWasAcknowledgedBeforeTheProducerDiedIsNotWrittenAgain) {
  bus.commit(0, "second");
  EXPECT_EQ(trimmed_after(Millis(0)), 0u);
  bus.broker.kill_writers();
  EXPECT_EQ(trimmed_after(Millis(0)), 2u);
  EXPECT_EQ(bus.written(0), 2u);
}

TEST_F(RelayTrimsTest, AClockThatGoesBackMakesItNotWaitLonger) {
  EXPECT_EQ(trimmed_after(Millis(5)), 0u);
  bus.clock.set(bus.clock.now() - std::chrono::hours(1));
  EXPECT_EQ(trimmed_after(Millis(15)), 1u);
}

}  // namespace
}  // namespace tandem::bus
