// Healings that get no further: the log takes a fence and says nothing, or gives no records. Their claims must not keep
// the other replicas out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/heal/heal_world_testing.h"
#include "shared/store/compare_testing.h"

namespace tandem::heal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::testing::expect_same_data;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Takes everything, and nothing comes of it: a client that has lost its brokers, or hangs.
class MuteWriter : public bus::LogWriter {
 public:
  Status warm(std::span<const std::string>, bus::Millis) override { return {}; }
  Result<bool> produce(const std::string&, uint32_t, const bus::Record&, uint64_t) override { return true; }
  Poll poll(bus::Millis) override { return {}; }
};

// The first `mute` writers that it makes are mute.
class HangingLog : public bus::Log {
 public:
  HangingLog(bus::Log& log, int mute) : log_(log), mute_(mute) {}

  Result<std::unique_ptr<bus::LogWriter>> make_writer() override {
    if (mute_-- > 0) return std::unique_ptr<bus::LogWriter>(std::make_unique<MuteWriter>());
    return log_.make_writer();
  }
  Result<std::unique_ptr<bus::LogReader>> make_reader(bus::ReaderOptions options) override {
    return log_.make_reader(options);
  }
  Result<std::unique_ptr<bus::LogAdmin>> make_admin() override { return log_.make_admin(); }
  std::string retention_advice() const override { return log_.retention_advice(); }

 private:
  bus::Log& log_;
  int mute_;
};

class ShardHealingStallTest : public ::testing::Test {
 protected:
  // Something is in the log, and Redis has lost it.
  void work_and_wipe() {
    Replica replica(world);
    ASSERT_TRUE(replica.heal());
    for (int i = 0; i < 40; ++i) replica.request("account-" + std::to_string(i % 7), 10, std::to_string(i));
    replica.publish();
    before = world.world.snapshot();
    world.world.wipe();
  }

  HealingListener listener() {
    HealingListener listener;
    listener.on_trouble = [this](const Error& why) { troubles.push_back(to_line(why)); };
    return listener;
  }

  void step(ShardHealing& healing, milliseconds pass = milliseconds(10)) {
    healing.step(milliseconds(0));
    world.clock.advance(pass);
  }

  bool claimed(uint32_t shard) {
    store::MemoryHealing store(world.world);
    return store.look(std::vector{shard})->at(0).claimed;
  }

  HealWorld world;
  std::map<uint32_t, store::MemoryShard> before;
  std::vector<std::string> troubles;
};

TEST_F(ShardHealingStallTest, AHealerWhoseFenceIsNeverAcknowledgedLetsAnotherHeal) {
  work_and_wipe();
  HangingLog log(world.log, 1'000);
  store::MemoryHealing store(world.world);
  ShardHealing first(store, log, world.registry, world.clock, world.chance, world.options, listener());
  Replica second(world);
  const Tick end = world.clock.tick() + seconds(60);
  while (world.clock.tick() < end) {
    step(first);
    second.healing.step(milliseconds(0));
  }
  EXPECT_TRUE(second.healing.all_reconciled());
  EXPECT_EQ(second.healing.state().healed, kShards);
  EXPECT_TRUE(first.all_reconciled()) << "it sees what the other has done";
  ASSERT_THAT(troubles, SizeIs(1));
  EXPECT_THAT(troubles[0], HasSubstr("15 s"));
  EXPECT_THAT(second.troubles, IsEmpty());
  expect_same_data(before, world.world.snapshot());
}

TEST_F(ShardHealingStallTest, AHealerWhoseConnectionHangsBeginsAgainWithANewOne) {
  work_and_wipe();
  HangingLog log(world.log, 1);
  store::MemoryHealing store(world.world);
  ShardHealing healing(store, log, world.registry, world.clock, world.chance, world.options, listener());
  const Tick end = world.clock.tick() + seconds(60);
  while (world.clock.tick() < end) step(healing);
  EXPECT_TRUE(healing.all_reconciled());
  EXPECT_THAT(troubles, SizeIs(1));
  expect_same_data(before, world.world.snapshot());
}

TEST_F(ShardHealingStallTest, AHealerThatGetsNoMoreRecordsGivesItsClaimsUp) {
  world.options.healer.kept_events = 5;  // so that the log is read again after the claim
  work_and_wipe();
  store::MemoryHealing store(world.world);
  ShardHealing healing(store, world.log, world.registry, world.clock, world.chance, world.options, listener());
  world.broker.hold_acknowledgements(true);
  for (int i = 0; i < 100 && !(claimed(0) && claimed(1)); ++i) step(healing);
  world.broker.hold_reads(true);
  world.broker.hold_acknowledgements(false);
  for (int i = 0; i < 1'400; ++i) step(healing);
  EXPECT_THAT(troubles, IsEmpty());
  EXPECT_TRUE(claimed(0) && claimed(1));
  for (int i = 0; i < 200; ++i) step(healing);
  EXPECT_THAT(troubles, SizeIs(1));
  EXPECT_FALSE(claimed(0) || claimed(1));
  world.broker.hold_reads(false);
  for (int i = 0; i < 1'000; ++i) step(healing);
  EXPECT_TRUE(healing.all_reconciled());
  expect_same_data(before, world.world.snapshot());
}

TEST_F(ShardHealingStallTest, WhoWaitsForAnotherHealerHasNothingToGiveUp) {
  work_and_wipe();
  store::MemoryHealing store(world.world);
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    ASSERT_EQ(store.claim(shard, "another", std::chrono::hours(1))->verdict, Claim::Verdict::kClaimed);
  }
  ShardHealing healing(store, world.log, world.registry, world.clock, world.chance, world.options, listener());
  const Tick end = world.clock.tick() + seconds(60);
  while (world.clock.tick() < end) step(healing);
  EXPECT_THAT(troubles, IsEmpty());
  for (uint32_t shard = 0; shard < kShards; ++shard) ASSERT_TRUE(store.abandon(shard, "another").ok());
  for (int i = 0; i < 100; ++i) step(healing);
  EXPECT_TRUE(healing.all_reconciled());
}

TEST_F(ShardHealingStallTest, AHealingThatGetsOnMayTakeAsLongAsItTakes) {
  world.options.healer.fold_events = 4;
  world.options.stall = seconds(1);
  work_and_wipe();
  store::MemoryHealing store(world.world);
  ShardHealing healing(store, world.log, world.registry, world.clock, world.chance, world.options, listener());
  const Tick begun = world.clock.tick();
  for (int i = 0; i < 50 && !healing.all_reconciled(); ++i) step(healing, milliseconds(900));
  EXPECT_TRUE(healing.all_reconciled());
  EXPECT_GT(world.clock.tick() - begun, seconds(3));
  EXPECT_THAT(troubles, IsEmpty());
}

}  // namespace
}  // namespace tandem::heal
