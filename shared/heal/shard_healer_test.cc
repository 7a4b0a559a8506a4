// One shard's healer, by hand and as ShardHealing steps it: what it keeps of the log, and what it folds of that.
#include "shared/heal/shard_healer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include "shared/heal/heal_world_testing.h"

namespace tandem::heal {
namespace {

using Phase = ShardHealer::Phase;

class ShardHealerTest : public ::testing::Test {
 protected:
  ShardHealerTest() { EXPECT_TRUE(replica.heal()); }

  // Events 1 to `count`, which stand at the offsets 1 to `count`, and in Redis no more.
  void publish_and_lose(int count) {
    for (int i = 0; i < count; ++i) replica.request("a", 1, "request-" + std::to_string(i));
    replica.publish();
    ASSERT_EQ(high(), static_cast<uint64_t>(count) + 1);
    world.world.wipe();
  }

  uint64_t high() { return world.broker.watermarks({kTopic, shard})->high; }

  ShardHealer healer(Healing& store) {
    const auto found = store.look(std::vector{shard});
    return {{store, world.registry, world.clock, world.chance}, world.options.healer,        shard, found->at(0),
            *world.broker.watermarks({kTopic, shard}),          /*from_the_beginning=*/false};
  }

  void give(ShardHealer& healer) {
    for (const bus::LogRecord& record : world.records(shard)) healer.take(record);
  }

  // Folds all there is, and dies.
  void fold_as_another(Healing& store) {
    std::vector<bus::EventRecord> events;
    for (const bus::LogRecord& record : world.records(shard)) {
      auto decoded = bus::decode(record);
      if (auto* event = std::get_if<bus::EventRecord>(&*decoded)) events.push_back(std::move(*event));
    }
    const auto load = [&](std::span<const AggregateRef> refs) { return store.load(shard, refs); };
    const auto folded = Folder(world.registry).fold(events, load, world.clock.now());
    const auto ttl = world.options.healer.claim_ttl;
    ASSERT_EQ(store.claim(shard, "another", ttl)->verdict, Claim::Verdict::kClaimed);
    ASSERT_TRUE(*store.fold(shard, "another", ttl, *folded, world.clock.now()));
    world.clock.advance(2 * ttl);
  }

  const uint32_t shard = shard_of_account("a");
  HealWorld world;
  Replica replica{world};
};

TEST_F(ShardHealerTest, WhatAnotherHasFoldedMeanwhileIsNothingToFold) {
  world.options.healer.fold_bytes = 1'000;  // what it had read is more, and none of it is left to fold
  publish_and_lose(10);
  store::MemoryHealing store(world.world);
  ShardHealer healer = this->healer(store);
  give(healer);
  ASSERT_EQ(healer.phase(), Phase::kClaiming);
  fold_as_another(store);
  ASSERT_TRUE(healer.claim().ok());
  // Something stands before the fence, so that it is not seen at once.
  ASSERT_TRUE(world.broker.append(kTopic, shard, {}).ok());
  const uint64_t fence = *world.broker.append(kTopic, shard, healer.fence());
  healer.fenced(fence);
  ASSERT_TRUE(healer.advance().ok());
  ASSERT_EQ(healer.phase(), Phase::kFolding);
  EXPECT_EQ(healer.folded(), 0u);
  give(healer);
  ASSERT_TRUE(healer.advance().ok());
  EXPECT_EQ(healer.phase(), Phase::kDone);
  EXPECT_EQ(healer.folded(), 0u);
  EXPECT_EQ(world.world.snapshot().at(shard).last_number, 10u);
}

TEST_F(ShardHealerTest, ReadingDoesNotOutrunFolding) {
  constexpr int kEvents = 3'000;
  world.options.healer.kept_events = 400;  // fewer than there are: it is read twice
  publish_and_lose(kEvents);
  store::MemoryHealing store(world.world);
  ShardHealing healing(store, world.log, world.registry, world.clock, world.chance, world.options);
  // Both shards' fences of the first start, and nothing is kept.
  constexpr int64_t kFirstReading = kEvents + 2;
  int64_t kept = 0;
  for (int steps = 0; steps < 1'000 && !healing.all_reconciled(); ++steps) {
    healing.step(std::chrono::milliseconds(0));
    world.clock.advance(std::chrono::milliseconds(10));
    const HealingState state = healing.state();
    kept = std::max(kept, static_cast<int64_t>(state.read) - static_cast<int64_t>(state.folded) - kFirstReading);
  }
  EXPECT_TRUE(healing.all_reconciled());
  EXPECT_EQ(healing.state().folded, static_cast<uint64_t>(kEvents));
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 400 + 600) << "what may be kept, and what is read in a step";
}

}  // namespace
}  // namespace tandem::heal
