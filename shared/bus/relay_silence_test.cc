// What a relay does that hears nothing from the log, while it still has its leases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/relay.h"

namespace tandem::bus {
namespace {

using store::MemoryOutbox;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The way of one replica to the log.
struct Way {
  bool cut = false;  // what is written does not arrive, and nothing comes back
  std::vector<std::pair<uint32_t, Record>> under_way;
  Millis slow{0};   // an acknowledgement comes so long after its record
  Millis apart{0};  // and so long after the one before it
};

class WriterOnAWay : public LogWriter {
 public:
  WriterOnAWay(std::unique_ptr<LogWriter> inner, Way& way, Clock& clock)
      : inner_(std::move(inner)), way_(way), clock_(clock) {}

  Status warm(std::span<const std::string> topics, Millis timeout) override { return inner_->warm(topics, timeout); }
  Result<bool> produce(const std::string& topic, uint32_t partition, const Record& record, uint64_t opaque) override {
    if (!way_.cut) return inner_->produce(topic, partition, record, opaque);
    way_.under_way.emplace_back(partition, record);
    return true;
  }
  Poll poll(Millis timeout) override {
    Poll polled = inner_->poll(timeout);
    const Tick now = clock_.tick();
    for (Delivery& delivery : std::exchange(polled.deliveries, {})) {
      last_due_ = std::max(now + way_.slow, last_due_ + way_.apart);
      due_.emplace_back(last_due_, std::move(delivery));
    }
    for (; !due_.empty() && due_.front().first <= now; due_.pop_front()) {
      polled.deliveries.push_back(std::move(due_.front().second));
    }
    return polled;
  }

 private:
  std::unique_ptr<LogWriter> inner_;
  Way& way_;
  Clock& clock_;
  std::deque<std::pair<Tick, Delivery>> due_;
  Tick last_due_{};
};

class LogOnAWay : public Log {
 public:
  LogOnAWay(Log& inner, Way& way, Clock& clock) : inner_(inner), way_(way), clock_(clock) {}

  Result<std::unique_ptr<LogWriter>> make_writer() override {
    TANDEM_ASSIGN_OR_RETURN(auto made, inner_.make_writer());
    return std::unique_ptr<LogWriter>(std::make_unique<WriterOnAWay>(std::move(made), way_, clock_));
  }
  Result<std::unique_ptr<LogReader>> make_reader(ReaderOptions options) override { return inner_.make_reader(options); }
  Result<std::unique_ptr<LogAdmin>> make_admin() override { return inner_.make_admin(); }
  std::string retention_advice() const override { return inner_.retention_advice(); }

 private:
  Log& inner_;
  Way& way_;
  Clock& clock_;
};

struct RelaySilenceTest : testing::Test {
  explicit RelaySilenceTest(Millis lease_ttl = Millis(3'000)) {
    bus.options.lease_ttl = lease_ttl;
    one = std::make_unique<Relay>(outbox_of_one, log_of_one, bus.clock, bus.chance, bus.options,
                                  RelayListener{.on_leases = [this](const auto& leases) { timers_of_one = leases; }});
    two = bus.make_relay(outbox_of_two);
    EXPECT_TRUE(settle(*one));
    EXPECT_THAT(one->leases(), SizeIs(4));
  }
  // Both relays' steps, in turn, for so long.
  void run(std::chrono::seconds time) {
    for (Millis passed{0}; passed < time; passed += Millis(200)) {
      ASSERT_TRUE(settle(*one));
      ASSERT_TRUE(settle(*two));
      bus.clock.advance(Millis(200));
    }
  }

  BusWorld bus{4};
  MemoryOutbox outbox_of_one{bus.world};
  MemoryOutbox outbox_of_two{bus.world};
  Way way;
  LogOnAWay log_of_one{bus.log, way, bus.clock};
  std::set<uint32_t> timers_of_one;
  std::unique_ptr<Relay> one, two;
};

// The group gave its partitions to another replica, which waits for the leases; the outbox answers as ever.
TEST_F(RelaySilenceTest, WhoIsCutOffFromTheLogLeavesAllItsLeasesToOthers) {
  way.cut = true;
  bus.commit(3, "a");
  two->prefer({0, 1, 2, 3});
  run(std::chrono::seconds(60));
  EXPECT_THAT(two->leases(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(one->leases(), IsEmpty());
  EXPECT_THAT(timers_of_one, IsEmpty());
  EXPECT_THAT(bus.read(3), ElementsAre("a"));
  EXPECT_EQ(bus.status(3).unpublished, 0u);
  EXPECT_EQ(one->stats().writers, 2u) << "with the old producer it is over, once";
}

TEST_F(RelaySilenceTest, WhoAwaitsAnEventThereHearsThatTheOtherPublishedIt) {
  way.cut = true;
  bus.commit(3, "a");
  two->prefer({0, 1, 2, 3});
  EXPECT_FALSE(one->await(3, 1, 1));
  run(std::chrono::seconds(12));
  EXPECT_TRUE(one->await(3, 1, 1));
}

TEST_F(RelaySilenceTest, WhatArrivesLateIsARepetition) {
  bus.commit(3, "first");
  ASSERT_TRUE(settle(*one));
  way.cut = true;
  bus.commit(3, "a");
  bus.commit(3, "b");
  two->prefer({0, 1, 2, 3});
  run(std::chrono::seconds(20));
  bus.commit(3, "c");
  run(std::chrono::seconds(1));
  ASSERT_THAT(way.under_way, SizeIs(2));
  for (const auto& [partition, record] : way.under_way) {
    ASSERT_TRUE(bus.broker.append("tandem.sales.events", partition, record).ok());
  }
  bus.commit(3, "d");
  run(std::chrono::seconds(1));
  EXPECT_EQ(bus.written(3), 7u);
  EXPECT_THAT(bus.read(3), ElementsAre("first", "a", "b", "c", "d"));
}

TEST_F(RelaySilenceTest, SlowAcknowledgementsAreNoSilence) {
  way.slow = Millis(8'500);
  two->prefer({0, 1, 2, 3});
  for (int i = 0; i < 6; ++i) {
    bus.commit(3, std::to_string(i));
    run(std::chrono::seconds(10));
  }
  EXPECT_THAT(one->leases(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(one->stats().leases_taken, 4u);
  EXPECT_EQ(bus.written(3), 6u) << "nothing was written twice for it";
}

TEST_F(RelaySilenceTest, ABrokerThatIsBehindAndComesNearerIsNotSilent) {
  bus.commit(3, "first");
  ASSERT_TRUE(settle(*one));
  way.apart = Millis(2'000);
  for (int i = 0; i < 20; ++i) bus.commit(3, std::to_string(i));
  run(std::chrono::seconds(60));
  EXPECT_EQ(one->stats().leases_taken, 4u);
  EXPECT_EQ(bus.written(3), 21u);
  EXPECT_EQ(bus.status(3).unpublished, 0u);
}

TEST_F(RelaySilenceTest, IfTheLogIsAwayForAllLeasesWanderAndNothingElseHappens) {
  one->prefer({0, 1});
  two->prefer({2, 3});
  run(std::chrono::seconds(1));
  bus.broker.set_down(true);
  for (int i = 0; i < 20; ++i) bus.commit(3, std::to_string(i));
  run(std::chrono::seconds(120));
  EXPECT_LE(one->stats().written + two->stats().written, 14u) << "one record of a shard and tenure, of 9 s at least";
  EXPECT_EQ(bus.status(3).unpublished, 20u);
  bus.broker.set_down(false);
  run(std::chrono::seconds(10));
  EXPECT_EQ(bus.status(3).unpublished, 0u);
  EXPECT_THAT(bus.read(3), SizeIs(20));
  std::set<uint32_t> all = one->leases();
  all.merge(two->leases());
  EXPECT_THAT(all, ElementsAre(0, 1, 2, 3));
}

struct RelaySilenceOfShortLeasesTest : RelaySilenceTest {
  RelaySilenceOfShortLeasesTest() : RelaySilenceTest(Millis(500)) {}
};

TEST_F(RelaySilenceOfShortLeasesTest, TheFirstRecordOfAProducerIsWaitedForAllTheSame) {
  way.slow = Millis(2'000);
  bus.commit(3, "a");
  run(std::chrono::seconds(10));
  EXPECT_EQ(bus.status(3).unpublished, 0u);
  EXPECT_EQ(one->stats().writers, 1u);
}

}  // namespace
}  // namespace tandem::bus
