#include "shared/bus/subscription.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"

namespace tandem::bus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// crm reads sales. Its target shards' places are here.
struct SubscriptionTest : testing::Test {
  explicit SubscriptionTest(uint32_t partitions = 1) : bus(partitions) {
    options.installation = "test";
    options.service = "crm";
    options.sources = {"sales"};
  }

  SubscriptionListener listener() {
    return {.places = [this]() -> Result<std::vector<std::vector<Place>>> {
              if (places_error) return *places_error;
              return places;
            },
            .on_events = [this] { ++wakes; },
            .on_assigned = [this](const std::set<Source>& sources) { assigned = sources; },
            .on_revoked = [this](const std::set<Source>& sources) { revoked = sources; },
            .on_alarm = [this](const auto&, const Error& error) { alarms.push_back(error.message); }};
  }
  std::unique_ptr<Subscription> make() {
    return std::make_unique<Subscription>(bus.log, bus.clock, options, listener());
  }
  void append(Record record, uint32_t partition = 0) {
    ASSERT_TRUE(bus.broker.append("tandem.sales.events", partition, std::move(record)).ok());
  }
  void append_events(uint64_t from, uint64_t to) {
    for (uint64_t n = from; n <= to; ++n) append(event_record(1, n, std::to_string(n)));
  }
  static void settle(Subscription& subscription) {
    for (int still = 0; still < 3;) still = subscription.step(Millis(0)) ? 0 : still + 1;
  }
  static std::vector<std::string> payloads(Subscription& subscription, size_t limit = 1000) {
    std::vector<std::string> payloads;
    for (const ConsumedEvent& event : subscription.take(limit)) payloads.push_back(event.payload);
    return payloads;
  }

  BusWorld bus;
  SubscriptionOptions options;
  std::vector<std::vector<Place>> places{{}};
  std::optional<Error> places_error;
  int wakes = 0;
  std::set<Source> assigned, revoked;
  std::vector<std::string> alarms;
};

TEST_F(SubscriptionTest, DeliversEachEventOnceWithWhereItStands) {
  append_events(1, 2);
  append(event_record(1, 1, "1"));  // a relay that began again
  append(event_record(1, 2, "2"));
  append_events(3, 3);
  auto subscription = make();
  settle(*subscription);
  const auto events = subscription->take(10);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].source, (Source{"sales", 0}));
  EXPECT_EQ(events[2].offset, 4u);
  EXPECT_EQ(events[2].n, 3u);
  EXPECT_EQ(events[2].next(), (Cursor{5, 1, 3}));
  EXPECT_EQ(events[2].payload, "3");
  EXPECT_EQ(events[2].envelope.event_id(), "event-3");
  EXPECT_EQ(subscription->stats().repetitions, 2u);
}

TEST_F(SubscriptionTest, StartsAtTheLeastPlaceOfItsTargetShards) {
  append_events(1, 5);
  places = {{{{"sales", 0}, 4, 1, 4}}, {{{"sales", 0}, 2, 1, 2}}};
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("3", "4", "5"));
  EXPECT_THAT(assigned, ElementsAre(Source{"sales", 0}));
}

TEST_F(SubscriptionTest, WaitsUntilThePlacesCanBeRead) {
  append_events(1, 1);
  places_error = make_error(Code::kUnavailable, "Redis is away");
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), IsEmpty());
  EXPECT_EQ(subscription->stats().last_error->message, "Redis is away");
  places_error.reset();
  bus.clock.advance(std::chrono::seconds(1));
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1"));
  EXPECT_EQ(subscription->stats().last_error, std::nullopt);
}

TEST_F(SubscriptionTest, WakesItsOwnerWhenTheQueueIsNotEmptyAnyMore) {
  auto subscription = make();
  settle(*subscription);
  EXPECT_EQ(wakes, 0);
  append_events(1, 3);
  settle(*subscription);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(payloads(*subscription).size(), 3u);
  append_events(4, 4);
  settle(*subscription);
  EXPECT_EQ(wakes, 2);
}

TEST_F(SubscriptionTest, IgnoresVoidEventsAcrossAFence) {
  append_events(1, 2);
  append(fence_record(1));  // offset 2: the generation is 3 now
  append(event_record(1, 3, "void"));
  append(event_record(3, 3, "3"));
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1", "2", "3"));
  EXPECT_EQ(subscription->stats().void_events, 1u);
  EXPECT_EQ(subscription->stats().fences, 1u);
}

TEST_F(SubscriptionTest, HoldsBackWhenItsOwnerIsSlow) {
  options.queue_events = 10;
  append_events(1, 100);
  auto subscription = make();
  settle(*subscription);
  EXPECT_EQ(subscription->queued(), 10u);
  std::vector<std::string> all;
  for (int i = 0; i < 100 && all.size() < 100; ++i) {
    for (auto& payload : payloads(*subscription, 3)) all.push_back(payload);
    settle(*subscription);
    ASSERT_LE(subscription->queued(), 10u);
  }
  ASSERT_EQ(all.size(), 100u);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(all[i], std::to_string(i + 1));
}

TEST_F(SubscriptionTest, AGapStopsThePartitionInWords) {
  append_events(1, 2);
  append_events(5, 6);
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1", "2"));
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0], HasSubstr("Events are missing in tandem.sales.events[0]: event 3 of generation 1 should be "
                                   "next, at offset 2, but event 5 of generation 1 follows."));
  append_events(7, 7);
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), IsEmpty());
  EXPECT_EQ(alarms.size(), 1u);
  EXPECT_TRUE(subscription->stats().stopped.contains({"sales", 0}));
}

TEST_F(SubscriptionTest, WhatTheBrokerDroppedIsAGap) {
  append_events(1, 9);
  bus.broker.drop_before("tandem.sales.events", 0, 4);
  places = {{{{"sales", 0}, 2, 1, 2}}};
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), IsEmpty());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0], HasSubstr("event 3 of generation 1 should be next, at offset 2, but event 5"));
}

TEST_F(SubscriptionTest, WhatTheBrokerDroppedIsNoticedEvenIfNothingFollows) {
  append_events(1, 9);
  bus.broker.drop_before("tandem.sales.events", 0, 9);
  places = {{{{"sales", 0}, 2, 1, 2}}};
  auto subscription = make();
  settle(*subscription);
  for (int second = 0; second < 20; ++second) {
    bus.clock.advance(std::chrono::seconds(1));
    settle(*subscription);
  }
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0], HasSubstr("but the log, which holds offsets 9 to 9, follows"));
}

TEST_F(SubscriptionTest, AStoppedPartitionGoesOnAfterRewind) {
  append_events(1, 2);
  append(event_record(1, 4, "4"));
  auto subscription = make();
  settle(*subscription);
  ASSERT_EQ(subscription->stats().stopped.size(), 1u);
  places = {{{{"sales", 0}, 2, 1, 3}}};  // somebody set the place by hand
  subscription->rewind({"sales", 0});
  payloads(*subscription);
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("4"));
  EXPECT_THAT(subscription->stats().stopped, IsEmpty());
}

TEST_F(SubscriptionTest, RewindGoesBackToThePlacesAndDropsWhatIsQueued) {
  append_events(1, 5);
  auto subscription = make();
  settle(*subscription);
  EXPECT_EQ(subscription->queued(), 5u);
  places = {{{{"sales", 0}, 3, 1, 3}}};
  subscription->rewind({"sales", 0});
  EXPECT_EQ(subscription->queued(), 0u);
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("4", "5"));
}

TEST_F(SubscriptionTest, AnotherInstallationsEventsStopThePartition) {
  append(event_record(1, 1, "x", "sales", 0, "another"));
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), IsEmpty());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0],
              HasSubstr("tandem.sales.events holds events of the installation \"another\", not of \"test\""));
}

TEST_F(SubscriptionTest, ForeignRecordsAreSkippedAndReported) {
  append_events(1, 1);
  append({"key", "hello", {}});
  append_events(2, 2);
  auto subscription = make();
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1", "2"));
  EXPECT_EQ(subscription->stats().malformed, 1u);
  EXPECT_EQ(alarms.size(), 1u);
}

TEST_F(SubscriptionTest, KnowsItsLag) {
  append_events(1, 5);
  auto subscription = make();
  settle(*subscription);
  subscription->applied({"sales", 0}, 2);
  bus.clock.advance(std::chrono::seconds(1));
  settle(*subscription);
  EXPECT_THAT(subscription->lag(), ElementsAre(testing::Pair(Source{"sales", 0}, 3u)));
}

TEST_F(SubscriptionTest, KnowsSinceWhenAPartitionHasNotMoved) {
  append_events(1, 5);
  auto subscription = make();
  auto look = [&] {
    bus.clock.advance(std::chrono::seconds(1));
    settle(*subscription);
    return subscription->stats().stuck_since;
  };
  const auto begin = look();
  ASSERT_TRUE(begin);
  ASSERT_TRUE(subscription->oldest_queued());
  EXPECT_EQ(payloads(*subscription).size(), 5u);
  EXPECT_EQ(look(), begin) << "taken, but nothing had its effect";
  EXPECT_EQ(subscription->oldest_queued(), std::nullopt);
  subscription->applied({"sales", 0}, 2);
  const auto moved = look();
  EXPECT_EQ(moved, bus.clock.tick()) << "it moves";
  EXPECT_EQ(look(), moved) << "and stands again";
  subscription->applied({"sales", 0}, 5);
  EXPECT_EQ(look(), std::nullopt);
}

struct SharedSubscriptionTest : SubscriptionTest {
  SharedSubscriptionTest() : SubscriptionTest(2) {}
};

TEST_F(SharedSubscriptionTest, OnRevocationTheQueueIsEmptiedAndTheOwnerHandsOver) {
  auto first = make();
  settle(*first);
  EXPECT_EQ(first->assigned().size(), 2u);
  append(event_record(1, 1, "a", "sales", 0), 0);
  append(event_record(1, 1, "b", "sales", 1), 1);
  settle(*first);
  ASSERT_EQ(first->queued(), 2u);
  ASSERT_THAT(payloads(*first, 1), ElementsAre("a"));

  auto second = make();
  settle(*second);
  EXPECT_THAT(second->assigned(), IsEmpty());
  places = {{{{"sales", 0}, 1, 1, 1}}};  // as the owner writes them when it is told
  settle(*first);
  EXPECT_EQ(revoked.size(), 2u);
  settle(*second);
  EXPECT_THAT(first->assigned(), ElementsAre(Source{"sales", 0}));
  EXPECT_THAT(second->assigned(), ElementsAre(Source{"sales", 1}));
  EXPECT_THAT(payloads(*first), IsEmpty());
  EXPECT_THAT(payloads(*second), ElementsAre("b"));

  second->stop();
  settle(*first);
  EXPECT_EQ(first->assigned().size(), 2u);
}

// Polling such a client looks alive.
TEST_F(SubscriptionTest, AReaderThatHangsIsMadeAnew) {
  options.watchdog = Millis(5'000);
  auto subscription = make();
  settle(*subscription);
  bus.broker.hold_reads(true);
  append_events(1, 1);
  for (int second = 0; second < 4; ++second) {
    bus.clock.advance(std::chrono::seconds(1));
    settle(*subscription);
  }
  EXPECT_EQ(subscription->stats().restarts, 0u);
  bus.clock.advance(std::chrono::seconds(4));
  settle(*subscription);
  EXPECT_EQ(subscription->stats().restarts, 1u);
  EXPECT_THAT(revoked, ElementsAre(Source{"sales", 0})) << "the owner hands over as for any other loss";
  bus.broker.hold_reads(false);
  settle(*subscription);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1"));
}

// A broker that stood still took the join and never answers it.
TEST_F(SubscriptionTest, AGroupThatDoesNotAnswerIsJoinedAnew) {
  options.watchdog = Millis(5'000);
  append_events(1, 1);
  bus.broker.ignore_joins(true);
  auto subscription = make();
  const Tick begin = bus.clock.tick();
  settle(*subscription);
  bus.broker.ignore_joins(false);
  for (int second = 0; second < 4; ++second) {
    bus.clock.advance(std::chrono::seconds(1));
    settle(*subscription);
  }
  EXPECT_EQ(subscription->stats().unassigned_since, begin) << "whoever asks is told";
  EXPECT_EQ(subscription->stats().restarts, 0u);
  bus.clock.advance(std::chrono::seconds(2));
  settle(*subscription);
  settle(*subscription);
  EXPECT_EQ(subscription->stats().restarts, 1u);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1"));
  EXPECT_EQ(subscription->stats().unassigned_since, std::nullopt);
  EXPECT_THAT(alarms, ElementsAre(HasSubstr("the reader is made anew")));
}

TEST_F(SubscriptionTest, WhileTheBrokersAreAwayNobodyJoinsAnew) {
  options.watchdog = Millis(5'000);
  bus.broker.ignore_joins(true);
  auto subscription = make();
  settle(*subscription);
  bus.broker.set_down(true);
  bus.clock.advance(std::chrono::seconds(60));
  settle(*subscription);
  EXPECT_EQ(subscription->stats().restarts, 0u);
  EXPECT_TRUE(subscription->stats().unassigned_since);
}

TEST_F(SubscriptionTest, AQuietPartitionIsNoHangingReader) {
  options.watchdog = Millis(5'000);
  append_events(1, 1);
  auto subscription = make();
  for (int second = 0; second < 60; ++second) {
    settle(*subscription);
    bus.clock.advance(std::chrono::seconds(1));
  }
  append_events(2, 2);
  settle(*subscription);
  EXPECT_EQ(subscription->stats().restarts, 0u);
  EXPECT_THAT(payloads(*subscription), ElementsAre("1", "2"));
}

// With its own thread, and a relay's beside it.
TEST_F(SubscriptionTest, RunsByItself) {
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  SubscriptionListener callbacks = listener();
  callbacks.on_events = [&] {
    std::lock_guard lock(mutex);
    woken = true;
    changed.notify_all();
  };
  Subscription subscription(bus.log, bus.clock, options, callbacks);
  subscription.start();
  store::MemoryOutbox outbox(bus.world);
  auto relay = bus.make_relay(outbox);
  relay->start();
  for (int i = 0; i < 200; ++i) bus.commit(0, std::to_string(i));
  std::vector<std::string> all;
  while (all.size() < 200) {
    {
      std::unique_lock lock(mutex);
      ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return woken; }));
      woken = false;
    }
    for (const ConsumedEvent& event : subscription.take(1000)) {
      all.push_back(event.payload);
      subscription.applied(event.source, event.offset + 1);
    }
  }
  relay->stop();
  subscription.stop();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(all[i], std::to_string(i));
  EXPECT_EQ(revoked.size(), 1u);
}

}  // namespace
}  // namespace tandem::bus
