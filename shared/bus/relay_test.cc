#include "shared/bus/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/dead_letters.h"

namespace tandem::bus {
namespace {

using store::Fault;
using store::MemoryCall;
using store::MemoryOutbox;
using testing::ElementsAre;

// Fails the calls of one name, as often as told.
struct Faults {
  std::string name;
  Fault fault = Fault::kNone;
  int times = 0;
  Fault operator()(const MemoryCall& call) {
    if (call.name != name || times == 0) return Fault::kNone;
    --times;
    return fault;
  }
};

struct RelayTest : testing::Test {
  // A relay whose first event has been acknowledged, so that from now on it writes ahead.
  std::unique_ptr<Relay> make_proven(RelayListener listener = {}) {
    auto relay = bus.make_relay(outbox, std::move(listener));
    bus.commit(0, "first");
    EXPECT_TRUE(settle(*relay));
    EXPECT_EQ(bus.status(0).trimmed, 1u);
    return relay;
  }

  BusWorld bus;
  MemoryOutbox outbox{bus.world};
};

TEST_F(RelayTest, PublishesInOrderAndTrims) {
  auto relay = bus.make_relay(outbox);
  for (const char* payload : {"a", "b", "c"}) bus.commit(0, payload);
  ASSERT_TRUE(settle(*relay));
  EXPECT_THAT(bus.read(0), ElementsAre("a", "b", "c"));
  EXPECT_EQ(bus.written(0), 3u);
  EXPECT_EQ(bus.status(0).trimmed, 3u);
  EXPECT_EQ(bus.status(0).trimmed_offset, 3u);
  EXPECT_EQ(relay->stats().published, 3u);
}

TEST_F(RelayTest, SaysWhatIsPublishedAfterTheTrim) {
  std::vector<std::array<uint64_t, 3>> heard;
  auto relay = bus.make_relay(outbox, {.on_published = [&](uint32_t shard, uint64_t generation, uint64_t n) {
                                EXPECT_GE(bus.status(shard).trimmed, n);
                                heard.push_back({shard, generation, n});
                              }});
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back(), (std::array<uint64_t, 3>{0, 1, 1}));
  EXPECT_TRUE(relay->await(0, 1, 1));
  EXPECT_FALSE(relay->await(0, 1, 2));
  EXPECT_FALSE(relay->await(0, 9, 1)) << "another generation's event is another event";
}

TEST_F(RelayTest, SaysHowLongEachEventTookUntilItWasTrimmed) {
  using std::chrono::microseconds;
  const Instant recorded{std::chrono::seconds(outbox_record("lead", "x").envelope().recorded_at().seconds())};
  bus.clock.set(recorded);
  std::vector<std::vector<microseconds>> heard;
  auto relay = make_proven({.on_relayed = [&](const auto& times) { heard.push_back(times); }});
  EXPECT_THAT(heard, ElementsAre(ElementsAre(microseconds(0))));
  heard.clear();
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*relay));
  bus.clock.advance(std::chrono::milliseconds(700));
  bus.broker.hold_acknowledgements(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_THAT(heard, ElementsAre(ElementsAre(microseconds(700'000), microseconds(700'000))));
  EXPECT_EQ(relay->stats().relay_time, microseconds(1'400'000));
  EXPECT_EQ(relay->stats().leases_taken, 1u);
}

TEST_F(RelayTest, AcknowledgesOnlyTheContiguousPrefix) {
  RelayShard shard;
  for (uint64_t n = 1; n <= 3; ++n) shard.in_flight.push_back({n, 10 + n, {}, {}});
  EXPECT_TRUE(shard.acknowledge(13, 2, {}));
  EXPECT_FALSE(shard.acknowledged());
  EXPECT_TRUE(shard.acknowledge(11, 0, {}));
  EXPECT_EQ(shard.acknowledged()->n, 1u);
  EXPECT_TRUE(shard.acknowledge(12, 1, {}));
  EXPECT_EQ(shard.acknowledged()->n, 3u);
  shard.trimmed_to(2);
  EXPECT_EQ(shard.in_flight.size(), 1u);
  EXPECT_FALSE(shard.acknowledge(11, 0, {})) << "of something that is gone";
}

// A broker that does not know a producer takes any sequence number as its first.
TEST_F(RelayTest, TheFirstEventOfAProducerGoesAlone) {
  bus.broker.hold_acknowledgements(true);
  auto relay = bus.make_relay(outbox);
  for (const char* payload : {"a", "b", "c"}) bus.commit(0, payload);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 1u);
  bus.broker.hold_acknowledgements(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 3u);

  bus.clock.advance(std::chrono::hours(2));  // the broker may have forgotten the producer
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  for (const char* payload : {"d", "e"}) bus.commit(0, payload);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 4u);
}

TEST_F(RelayTest, ACrashBetweenPublishAndTrimIsARepetitionForReaders) {
  auto first = make_proven();
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*first));
  ASSERT_EQ(bus.written(0), 3u);
  first.reset();  // without letting its lease go
  bus.broker.hold_acknowledgements(false);
  bus.commit(0, "c");

  auto second = bus.make_relay(outbox);
  ASSERT_TRUE(settle(*second));
  EXPECT_EQ(bus.written(0), 3u) << "the lease is the other's until it runs out";
  bus.clock.advance(bus.options.lease_ttl + Millis(1));
  ASSERT_TRUE(settle(*second));
  EXPECT_EQ(bus.written(0), 6u);
  EXPECT_THAT(bus.read(0), ElementsAre("first", "a", "b", "c"));
  EXPECT_EQ(bus.status(0).unpublished, 0u);
}

TEST_F(RelayTest, AFatalProducerErrorIsRoutine) {
  std::vector<Error> troubles;
  auto relay = bus.make_relay(outbox, {.on_trouble = [&](const Error& error) { troubles.push_back(error); }});
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*relay));
  bus.broker.kill_writers();
  bus.broker.hold_acknowledgements(false);
  bus.commit(0, "c");
  ASSERT_TRUE(settle(*relay));
  EXPECT_THAT(bus.read(0), ElementsAre("a", "b", "c"));
  EXPECT_EQ(bus.status(0).trimmed, 3u);
  EXPECT_EQ(relay->stats().writers, 2u);
  EXPECT_EQ(troubles.size(), 1u);
}

TEST_F(RelayTest, ADyingProducersAcknowledgementsStillCount) {
  auto relay = bus.make_relay(outbox);
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(false);
  bus.broker.kill_writers();
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 1u) << "acknowledged, so never written again";
  EXPECT_EQ(bus.status(0).trimmed, 1u);
}

TEST_F(RelayTest, WithAFullQueueItStopsReading) {
  auto relay = make_proven();
  bus.broker.set_queue_limit(2);
  bus.broker.set_down(true);
  for (int i = 0; i < 5; ++i) bus.commit(0, std::to_string(i));
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(relay->stats().written, 3u);
  EXPECT_EQ(relay->stats().queue_full, 1u) << "it does not try again and again";
  bus.broker.set_down(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_THAT(bus.read(0), ElementsAre("first", "0", "1", "2", "3", "4"));
  EXPECT_EQ(bus.written(0), 6u);
}

TEST_F(RelayTest, ReadsNoMoreThanItMayHaveInFlight) {
  bus.options.in_flight = 3;
  bus.options.read_limit = 2;
  auto relay = make_proven();
  bus.broker.hold_acknowledgements(true);
  for (int i = 0; i < 8; ++i) bus.commit(0, std::to_string(i));
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 4u);
  bus.broker.hold_acknowledgements(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 9u);
  EXPECT_EQ(bus.status(0).unpublished, 0u);
}

TEST_F(RelayTest, ALostLeaseTrimsNothing) {
  auto relay = bus.make_relay(outbox);
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  bus.clock.advance(bus.options.lease_ttl + Millis(1));  // it slept
  MemoryOutbox other(bus.world);
  ASSERT_TRUE(other.lease(0, "another", Millis(60'000)).value());
  bus.broker.hold_acknowledgements(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.status(0).trimmed, 0u) << "a late acknowledgement is the business of whoever has the lease";
  EXPECT_TRUE(relay->leases().empty());
  EXPECT_EQ(relay->stats().leases_lost, 1u);
}

TEST_F(RelayTest, ARefusedTrimMakesItForget) {
  struct Refusing : OutboxDecorator {
    using OutboxDecorator::OutboxDecorator;
    bool refuse = true;
    Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                      std::optional<uint64_t> offset) override {
      tokens.insert(token);
      if (std::exchange(refuse, false)) return false;
      return inner_.trim(shard, token, generation, n, offset);
    }
    std::set<std::string> tokens;
  } refusing(outbox);
  auto relay = bus.make_relay(refusing);
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(relay->stats().trims_refused, 1u);
  EXPECT_EQ(refusing.tokens.size(), 2u) << "and goes on under a fresh token";
  EXPECT_EQ(bus.written(0), 2u);
  EXPECT_THAT(bus.read(0), ElementsAre("a"));
  EXPECT_EQ(bus.status(0).trimmed, 1u);
}

// What is in Redis was reconciled with the log by a healer: there is a fence, and the generation is another one.
struct Healed : OutboxDecorator {
  using OutboxDecorator::OutboxDecorator;
  uint64_t generation = 1;
  std::vector<uint64_t> trims;
  Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) override {
    auto read = inner_.read(shard, token, after, limit);
    if (read.ok()) read->generation = generation;
    return read;
  }
  Result<bool> trim(uint32_t shard, const std::string& token, uint64_t under, uint64_t n,
                    std::optional<uint64_t> offset) override {
    if (under != generation) return false;
    trims.push_back(under);
    return inner_.trim(shard, token, 1, n, offset);
  }
  Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) override {
    auto statuses = inner_.statuses(shards);
    if (!statuses.ok()) return statuses;
    for (ShardStatus& status : *statuses) status.generation = generation;
    return statuses;
  }
};

TEST_F(RelayTest, UnderANewGenerationItStampsAnewAndOldAcknowledgementsAreNone) {
  Healed healed(outbox);
  auto relay = bus.make_relay(healed);
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  ASSERT_TRUE(bus.broker.append("tandem.sales.events", 0, fence_record(1)).ok());
  healed.generation = 2;
  bus.broker.hold_acknowledgements(false);
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*relay));
  EXPECT_THAT(bus.read(0), ElementsAre("a", "b"));
  EXPECT_THAT(healed.trims, testing::Each(2u));
  EXPECT_EQ(bus.status(0).trimmed, 2u);
}

TEST_F(RelayTest, AfterAnErrorOfTheOutboxLateAcknowledgementsAreNone) {
  auto relay = bus.make_relay(outbox);
  bus.commit(0, "first");
  ASSERT_TRUE(settle(*relay));
  bus.broker.hold_acknowledgements(true);
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  outbox.set_fault_hook(Faults{"wait", Fault::kUnavailable, 1});
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(relay->stats().outbox_errors, 1u);
  bus.broker.hold_acknowledgements(false);
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.status(0).trimmed, 1u) << "it came under the old connection";
  bus.clock.advance(Millis(1'000));
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.status(0).trimmed, 2u);
  EXPECT_EQ(bus.written(0), 3u);
  EXPECT_EQ(relay->leases().size(), 1u) << "the lease was kept over it";
}

TEST_F(RelayTest, ATrimWhoseReplyWasLostIsDoneOnce) {
  auto relay = bus.make_relay(outbox);
  ASSERT_TRUE(settle(*relay));
  outbox.set_fault_hook(Faults{"trim", Fault::kReplyLost, 1});
  bus.commit(0, "a");
  ASSERT_TRUE(settle(*relay));
  bus.clock.advance(Millis(1'000));
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(bus.written(0), 2u);
  EXPECT_TRUE(relay->await(0, 1, 2));
}

TEST_F(RelayTest, CopiesParkedCommandsToTheDeadLetters) {
  auto relay = bus.make_relay(outbox);
  bus.commit(0, "fine");
  bus.commit(0, "parked", kCommandParked);
  ASSERT_TRUE(settle(*relay));
  const auto copies = bus.broker.records("tandem.sales.dead-letters", 0);
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_EQ(copies[0].record.value, "parked");
  EXPECT_EQ(*copies[0].record.header("ce_type"), kCommandParked);
  EXPECT_EQ(relay->stats().dead_letters, 1u);
  EXPECT_EQ(bus.status(0).trimmed, 2u);
}

TEST_F(RelayTest, WithoutATopicForDeadLettersEventsStillFlow) {
  MemoryBroker bare;
  bare.create_topic("tandem.sales.events", 1);
  MemoryLog log(bare);
  Relay relay(outbox, log, bus.clock, bus.chance, bus.options);
  bus.commit(0, "parked", kCommandParked);
  ASSERT_TRUE(settle(relay));
  EXPECT_EQ(relay.stats().dead_letters_lost, 1u);
  EXPECT_EQ(bus.status(0).trimmed, 1u);
}

TEST_F(RelayTest, KnowsHowOldTheOldestUnpublishedEventIs) {
  bus.broker.set_down(true);
  auto relay = bus.make_relay(outbox);
  const Instant then = bus.clock.now();
  bus.commit(0, "a");
  bus.clock.advance(std::chrono::seconds(5));
  bus.commit(0, "b");
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(relay->stats().unpublished, 2u);
  EXPECT_EQ(relay->stats().oldest_unpublished, then);
  bus.broker.set_down(false);
  ASSERT_TRUE(settle(*relay));
  bus.clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(settle(*relay));
  EXPECT_EQ(relay->stats().oldest_unpublished, std::nullopt);
}

TEST_F(RelayTest, WarmingSaysInWordsWhyItCannot) {
  auto relay = bus.make_relay(outbox);
  bus.broker.set_down(true);
  EXPECT_EQ(relay->warm(Millis(0)).code(), Code::kUnavailable);
  bus.broker.set_down(false);
  EXPECT_TRUE(relay->warm(Millis(0)).ok());
  MemoryOutbox strange(bus.world, {"another", "sales", 1});
  EXPECT_EQ(bus.make_relay(strange)->warm(Millis(0)).code(), Code::kFailedPrecondition);
}

// With its own thread: nothing is stepped here.
TEST_F(RelayTest, RunsByItself) {
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t published = 0;
  auto relay = bus.make_relay(outbox, {.on_published = [&](uint32_t, uint64_t, uint64_t n) {
                                std::lock_guard lock(mutex);
                                published = n;
                                changed.notify_all();
                              }});
  relay->start();
  for (int i = 0; i < 100; ++i) bus.commit(0, std::to_string(i));
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return published == 100; }));
  }
  relay->stop();
  EXPECT_EQ(bus.read(0).size(), 100u);
  EXPECT_EQ(bus.status(0).lease, "");
}

}  // namespace
}  // namespace tandem::bus
