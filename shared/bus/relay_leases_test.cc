// Which shards a relay takes, keeps and lets go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/relay.h"

namespace tandem::bus {
namespace {

using store::MemoryOutbox;
using testing::ElementsAre;
using testing::IsEmpty;

struct RelayLeasesTest : testing::Test {
  // Both, in turn, until nothing moves; then a second passes.
  void run_a_second() {
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(settle(*one));
      ASSERT_TRUE(settle(*two));
      bus.clock.advance(Millis(200));
    }
  }

  BusWorld bus{4};
  MemoryOutbox outbox_of_one{bus.world};
  MemoryOutbox outbox_of_two{bus.world};
  std::set<uint32_t> timers_of_one;
  std::unique_ptr<Relay> one = bus.make_relay(
      outbox_of_one, {.on_leases = [this](const std::set<uint32_t>& leases) { timers_of_one = leases; }});
  std::unique_ptr<Relay> two = bus.make_relay(outbox_of_two);
};

TEST_F(RelayLeasesTest, TheOnlyReplicaTakesAll) {
  ASSERT_TRUE(settle(*one));
  EXPECT_THAT(one->leases(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(timers_of_one, ElementsAre(0, 1, 2, 3));
}

TEST_F(RelayLeasesTest, KeepsItsLeasesByRenewingThem) {
  ASSERT_TRUE(settle(*one));
  for (int second = 0; second < 60; ++second) run_a_second();
  EXPECT_EQ(one->leases().size(), 4u);
  EXPECT_THAT(two->leases(), IsEmpty());
  EXPECT_EQ(one->stats().leases_lost, 0u);
}

TEST_F(RelayLeasesTest, TheGroupsPartitionsAreShared) {
  ASSERT_TRUE(settle(*one));
  one->prefer({0, 1});
  two->prefer({2, 3});
  run_a_second();
  EXPECT_THAT(one->leases(), ElementsAre(0, 1));
  EXPECT_THAT(two->leases(), ElementsAre(2, 3));
  EXPECT_THAT(timers_of_one, ElementsAre(0, 1));
}

TEST_F(RelayLeasesTest, WhatADeadReplicaHadIsTakenWhenItRunsOut) {
  one->prefer({0, 1});
  two->prefer({2, 3});
  run_a_second();
  two.reset();
  two = bus.make_relay(outbox_of_two);  // starts again; its old leases stand
  two->prefer({2, 3});
  run_a_second();
  EXPECT_THAT(two->leases(), IsEmpty());
  bus.clock.advance(bus.options.lease_ttl);
  run_a_second();
  EXPECT_THAT(two->leases(), ElementsAre(2, 3));
}

TEST_F(RelayLeasesTest, WhatNobodyTakesIsTakenByAnybodyInTheEnd) {
  one->prefer({0, 1});
  two->prefer({});
  run_a_second();
  EXPECT_THAT(one->leases(), ElementsAre(0, 1));
  bus.clock.advance(bus.options.lease_ttl / 2);
  run_a_second();
  bus.clock.advance(bus.options.lease_ttl / 2);
  run_a_second();
  std::set<uint32_t> all = one->leases();
  all.merge(two->leases());
  EXPECT_THAT(all, ElementsAre(0, 1, 2, 3));
}

TEST_F(RelayLeasesTest, LetsGoOnlyWhenAllIsAcknowledged) {
  ASSERT_TRUE(settle(*one));
  bus.broker.hold_acknowledgements(true);
  bus.commit(3, "a");
  ASSERT_TRUE(settle(*one));
  one->prefer({0, 1, 2});
  two->prefer({3});
  ASSERT_TRUE(settle(*one));
  ASSERT_TRUE(settle(*two));
  EXPECT_THAT(one->leases(), ElementsAre(0, 1, 2, 3));
  bus.broker.hold_acknowledgements(false);
  run_a_second();
  EXPECT_THAT(one->leases(), ElementsAre(0, 1, 2));
  EXPECT_THAT(two->leases(), ElementsAre(3));
  EXPECT_EQ(bus.written(3), 1u) << "nothing was written twice for it";
}

TEST_F(RelayLeasesTest, StoppingLetsAllGo) {
  ASSERT_TRUE(settle(*one));
  one->stop();
  EXPECT_THAT(one->leases(), IsEmpty());
  EXPECT_THAT(timers_of_one, IsEmpty());
  ASSERT_TRUE(settle(*two));
  EXPECT_EQ(two->leases().size(), 4u);
}

TEST_F(RelayLeasesTest, WhatAnotherReplicaPublishesIsHeardByWhoeverAwaitsIt) {
  std::vector<uint64_t> heard;
  two = bus.make_relay(outbox_of_two, {.on_published = [&](uint32_t shard, uint64_t, uint64_t n) {
                         if (shard == 1) heard.push_back(n);
                       }});
  ASSERT_TRUE(settle(*one));
  bus.commit(1, "a");
  EXPECT_FALSE(two->await(1, 1, 1));
  ASSERT_TRUE(settle(*two));
  EXPECT_THAT(heard, IsEmpty());
  ASSERT_TRUE(settle(*one));
  ASSERT_TRUE(settle(*two));
  EXPECT_THAT(heard, ElementsAre(1));
  EXPECT_TRUE(two->await(1, 1, 1));
}

}  // namespace
}  // namespace tandem::bus
