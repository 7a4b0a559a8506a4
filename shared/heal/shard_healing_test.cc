// Healing on the in-memory twins: what a Redis that has lost something gets back, and what nobody may do meanwhile.
#include "shared/heal/shard_healing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/heal/heal_world_testing.h"
#include "shared/store/compare_testing.h"

namespace tandem::heal {
namespace {

using store::testing::expect_same_data;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Outcome::Kind;

class ShardHealingTest : public ::testing::Test {
 protected:
  // Requests and consumed events on many accounts, one of them parked; all published.
  void work(Replica& replica, int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string account = "account-" + std::to_string(i % 7);
      EXPECT_EQ(replica.request(account, 10, "request-" + std::to_string(i)).kind, Kind::kCommitted);
      replica.caused(account, i % 5 == 0 ? -10'000 : 20, 2 * static_cast<uint64_t>(i) + 1);
    }
    replica.publish();
  }

  uint64_t number(uint32_t shard) { return world.world.snapshot().at(shard).last_number; }

  HealWorld world;
};

TEST_F(ShardHealingTest, TheFirstStartBeginsWithAFence) {
  Replica replica(world);
  EXPECT_EQ(replica.request("a", 5, "r").error.code, Code::kUnavailable);
  EXPECT_FALSE(replica.healing.all_reconciled());
  ASSERT_TRUE(replica.heal());
  EXPECT_TRUE(replica.healing.all_reconciled());
  for (uint32_t shard = 0; shard < kShards; ++shard) EXPECT_THAT(world.generations(shard), ElementsAre(1));
  const Outcome outcome = replica.request("a", 5, "r");
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.result.position().generation(), 1u);
  EXPECT_EQ(replica.healing.state().healed, kShards);
}

TEST_F(ShardHealingTest, ARestartWithEverythingFoldsNothingAndReadsTheTailOnly) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 40);
  const auto before = world.world.snapshot();
  world.world.restart();
  EXPECT_EQ(replica.request("account-0", 1, "early").error.code, Code::kUnavailable);
  ASSERT_TRUE(replica.heal());
  expect_same_data(before, world.world.snapshot());
  EXPECT_EQ(replica.healing.state().folded, 0u);
  EXPECT_EQ(replica.healing.state().read, kShards) << "what stands at the place that Redis has noted, and no more";
  work(replica, 40, 50);
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    EXPECT_THAT(world.generations(shard), SizeIs(2));
    EXPECT_THAT(world.read(shard), SizeIs(number(shard)));
  }
}

TEST_F(ShardHealingTest, ALostTailThatWasPublishedComesBack) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 20);
  const auto earlier = world.world.snapshot();
  work(replica, 20, 60);
  const auto before = world.world.snapshot();
  world.world.restart(earlier);
  ASSERT_TRUE(replica.heal());
  expect_same_data(before, world.world.snapshot());
  EXPECT_GT(replica.healing.state().folded, 0u);
  EXPECT_EQ(replica.request("account-3", 11, "request-59").error.code, Code::kInvalidArgument)
      << "known, with a content";
  EXPECT_EQ(replica.request("account-3", 10, "request-59").kind, Kind::kDuplicate);
  work(replica, 60, 70);
  for (uint32_t shard = 0; shard < kShards; ++shard) EXPECT_THAT(world.read(shard), SizeIs(number(shard)));
}

TEST_F(ShardHealingTest, AnEmptyRedisIsRebuiltFromTheLog) {
  world.options.healer.kept_events = 5;  // so that the log is read twice
  world.options.healer.fold_events = 3;
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 50);
  const auto before = world.world.snapshot();
  world.world.wipe();
  ASSERT_TRUE(replica.heal());
  const auto after = world.world.snapshot();
  expect_same_data(before, after);
  EXPECT_EQ(replica.healing.state().folded, after.at(0).last_number + after.at(1).last_number);
  bool parked = false;
  for (const auto& [shard, data] : after) parked = parked || data.indexes.contains("parked");
  EXPECT_TRUE(parked) << "parked commands come back too";
  work(replica, 50, 60);
  for (uint32_t shard = 0; shard < kShards; ++shard) EXPECT_THAT(world.read(shard), SizeIs(number(shard)));
}

TEST_F(ShardHealingTest, WhatTheLogDoesNotHaveIsPublishedInTheNewGeneration) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 5);
  ASSERT_EQ(replica.request("a", 5, "unpublished").kind, Kind::kCommitted);
  const uint32_t shard = shard_of_account("a");
  const size_t published = world.read(shard).size();
  world.world.restart();
  ASSERT_TRUE(replica.heal());
  EXPECT_THAT(world.read(shard), SizeIs(published));
  replica.publish();
  EXPECT_THAT(world.read(shard), SizeIs(published + 1));
  auto last = bus::decode(world.records(shard).back());
  EXPECT_EQ(std::get<bus::EventRecord>(*last).envelope.position().generation(), world.generations(shard).back());
}

TEST_F(ShardHealingTest, ANumberThatWasLostIsGivenToAnotherEventAndNobodySeesTwo) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 5);
  const auto earlier = world.world.snapshot();
  ASSERT_EQ(replica.request("a", 5, "lost").kind, Kind::kCommitted);
  const uint32_t shard = shard_of_account("a");
  // A relay has read it, and dies with it in its hands: what it writes comes when all is over.
  store::MemoryOutbox late(world.world);
  world.clock.advance(std::chrono::hours(2));
  ASSERT_TRUE(*late.lease(shard, "late", std::chrono::hours(1)));
  const auto in_hand = late.read(shard, "late", number(shard) - 1, 1);
  ASSERT_THAT(in_hand->entries, SizeIs(1));
  world.world.restart(earlier);
  ASSERT_TRUE(replica.heal());
  ASSERT_EQ(replica.request("a", 7, "other").kind, Kind::kCommitted);
  const auto event = bus::stamp("bank", shard, in_hand->generation, in_hand->entries[0]);
  ASSERT_TRUE(world.broker.append(kTopic, shard, bus::encode(*event)).ok());
  world.clock.advance(std::chrono::hours(2));
  replica.publish();
  const auto read = world.read(shard);
  EXPECT_THAT(read, SizeIs(number(shard)));
  EXPECT_THAT(read.back(), ::testing::Not(HasSubstr(event->envelope.event_id()))) << "void: of an older generation";
  EXPECT_EQ(late.open(shard).code(), Code::kUnavailable) << "its connection was cut";
  EXPECT_FALSE(*late.trim(shard, "late", in_hand->generation, number(shard), 1));
}

TEST_F(ShardHealingTest, OfTwoHealersOneFoldsAndTheOtherSeesItDone) {
  Replica first(world);
  Replica second(world);
  ASSERT_TRUE(first.heal());
  ASSERT_TRUE(second.heal());
  EXPECT_EQ(second.healing.state().healed, 0u);
  work(first, 0, 30);
  const auto before = world.world.snapshot();
  world.world.wipe();
  world.clock.advance(std::chrono::seconds(1));
  for (int i = 0; i < 1'000; ++i) {
    first.healing.step(std::chrono::milliseconds(0));
    second.healing.step(std::chrono::milliseconds(0));
    world.clock.advance(std::chrono::milliseconds(10));
  }
  expect_same_data(before, world.world.snapshot());
  EXPECT_EQ(first.healing.state().healed + second.healing.state().healed, 2 * kShards);
  EXPECT_EQ(first.healing.state().folded + second.healing.state().folded, number(0) + number(1));
  for (uint32_t shard = 0; shard < kShards; ++shard) EXPECT_THAT(world.generations(shard), SizeIs(2));
}

// Killed after every number of steps that a healing can take: whoever comes next finishes it.
TEST_F(ShardHealingTest, AHealerThatDiesIsFollowedByAnother) {
  world.options.healer.fold_events = 4;
  Replica worker(world);
  ASSERT_TRUE(worker.heal());
  work(worker, 0, 20);
  const auto before = world.world.snapshot();
  for (int steps = 1; steps < 30; ++steps) {
    SCOPED_TRACE("dies after step " + std::to_string(steps));
    world.world.wipe();
    {
      Replica dying(world);
      for (int i = 0; i < steps; ++i) dying.healing.step(std::chrono::milliseconds(0));
    }
    Replica next(world);
    for (int i = 0; i < 20 && !next.healing.all_reconciled(); ++i) {
      ASSERT_TRUE(next.heal());
      world.clock.advance(std::chrono::seconds(1));
    }
    expect_same_data(before, world.world.snapshot());
    for (uint32_t shard = 0; shard < kShards; ++shard) EXPECT_THAT(world.read(shard), SizeIs(number(shard)));
  }
}

TEST_F(ShardHealingTest, AFenceThatNamesAGenerationThatHasEndedDoesNotCount) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 10);
  world.world.restart();
  world.clock.advance(std::chrono::seconds(1));
  // Another one's fence comes between the end that was read and our own.
  bool interfered = false;
  replica.healing_store.set_fault_hook([&](const store::MemoryCall& call) {
    if (call.name == "claim" && !std::exchange(interfered, true)) {
      for (uint32_t shard = 0; shard < kShards; ++shard) {
        exchange::v1::Fence fence;
        fence.set_ends(world.generations(shard).back());
        fence.set_nonce("of another one");
        EXPECT_TRUE(
            world.broker.append(kTopic, shard, bus::encode_fence("test", "bank", shard, fence, world.clock.now()))
                .ok());
      }
    }
    return store::Fault::kNone;
  });
  ASSERT_TRUE(replica.heal());
  ASSERT_TRUE(replica.heal());
  EXPECT_TRUE(replica.healing.all_reconciled());
  work(replica, 10, 20);
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    EXPECT_THAT(world.generations(shard), SizeIs(3)) << "the first, the other one's, ours; the one that failed is none";
    EXPECT_THAT(world.read(shard), SizeIs(number(shard)));
  }
}

// Any call of the healing that is lost, or whose answer is: it begins again, and the result is the same.
TEST_F(ShardHealingTest, LostCallsAreRepeated) {
  world.options.healer.fold_events = 4;
  Replica worker(world);
  ASSERT_TRUE(worker.heal());
  work(worker, 0, 20);
  const auto before = world.world.snapshot();
  for (const auto fault : {store::Fault::kRequestLost, store::Fault::kReplyLost}) {
    for (int lost = 0; lost < 40; ++lost) {
      SCOPED_TRACE("call " + std::to_string(lost));
      world.world.wipe();
      Replica replica(world);
      int calls = 0;
      replica.healing_store.set_fault_hook(
          [&](const store::MemoryCall&) { return calls++ == lost ? fault : store::Fault::kNone; });
      for (int i = 0; i < 50 && !replica.healing.all_reconciled(); ++i) ASSERT_TRUE(replica.heal());
      expect_same_data(before, world.world.snapshot());
    }
  }
}

TEST_F(ShardHealingTest, AFenceThatIsAcknowledgedAfterTheClaimRanOutRevivesNobody) {
  Replica replica(world);
  world.broker.hold_acknowledgements(true);
  for (int i = 0; i < 10; ++i) replica.healing.step(std::chrono::milliseconds(0));
  ASSERT_FALSE(replica.healing.all_reconciled());
  world.clock.advance(2 * world.options.healer.claim_ttl);
  world.broker.hold_acknowledgements(false);
  // In this step the claim is found lost, and then the acknowledgement comes.
  replica.healing.step(std::chrono::milliseconds(0));
  world.clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(replica.heal());
  EXPECT_TRUE(replica.healing.all_reconciled());
}

TEST_F(ShardHealingTest, RedisThatIsLostAgainInMidHealingIsHealedAllTheSame) {
  world.options.healer.fold_events = 4;
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  work(replica, 0, 20);
  const auto before = world.world.snapshot();
  for (int steps = 1; steps < 30; ++steps) {
    SCOPED_TRACE("lost again after step " + std::to_string(steps));
    world.world.wipe();
    world.clock.advance(std::chrono::seconds(1));
    for (int i = 0; i < steps; ++i) replica.healing.step(std::chrono::milliseconds(0));
    const auto half = world.world.snapshot();
    steps % 2 == 0 ? world.world.restart(half) : world.world.wipe();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(replica.heal());
    ASSERT_TRUE(replica.healing.all_reconciled());
    expect_same_data(before, world.world.snapshot());
  }
}

// A relay that had lost its lease wrote what it still had, behind what its successor repeated: 1 2 3, then 1 again, 4.
TEST_F(ShardHealingTest, APlaceAfterWhichNumbersDoNotFollowIsNotUsed) {
  Replica replica(world);
  ASSERT_TRUE(replica.heal());
  for (int i = 0; i < 4; ++i) replica.request("a", 1, std::to_string(i));
  const uint32_t shard = shard_of_account("a");
  store::MemoryOutbox outbox(world.world);
  ASSERT_TRUE(*outbox.lease(shard, "successor", std::chrono::hours(1)));
  const auto read = outbox.read(shard, "successor", 0, 10);
  for (int n : {0, 1, 2, 0}) {
    ASSERT_TRUE(
        world.broker.append(kTopic, shard, bus::encode(*bus::stamp("bank", shard, read->generation, read->entries[n])))
            .ok());
  }
  ASSERT_TRUE(*outbox.trim(shard, "successor", read->generation, 1, world.records(shard).back().offset));
  ASSERT_TRUE(
      world.broker.append(kTopic, shard, bus::encode(*bus::stamp("bank", shard, read->generation, read->entries[3])))
          .ok());
  const auto before = world.world.snapshot();
  world.world.restart();
  ASSERT_TRUE(replica.heal());
  ASSERT_TRUE(replica.heal());
  EXPECT_TRUE(replica.healing.all_reconciled());
  expect_same_data(before, world.world.snapshot());
  EXPECT_EQ(world.world.snapshot().at(shard).trimmed, 4u);
  for (const Error& trouble : replica.troubles) EXPECT_EQ(trouble.code, Code::kUnavailable) << to_line(trouble);
}

class RefusalTest : public ShardHealingTest {
 protected:
  RefusalTest() {
    EXPECT_TRUE(replica.heal());
    work(replica, 0, 10);
  }
  // Refused in these words, and neither Redis nor the log was touched.
  void expect_refused(const std::string& words) {
    const size_t records = world.records(0).size() + world.records(1).size();
    ASSERT_TRUE(replica.heal());
    EXPECT_FALSE(replica.healing.all_reconciled());
    ASSERT_FALSE(replica.healing.state().refused.empty());
    EXPECT_THAT(to_line(replica.healing.state().refused.begin()->second), HasSubstr(words));
    EXPECT_THAT(replica.troubles, ::testing::Not(IsEmpty()));
    EXPECT_GE(records + 1, world.records(0).size() + world.records(1).size());
    const uint32_t shard = replica.healing.state().refused.begin()->first;
    EXPECT_FALSE(replica.healing.state().reconciled.contains(shard));
  }

  void step(ShardHealing& healing) {
    for (int i = 0; i < 100; ++i) {
      healing.step(std::chrono::milliseconds(0));
      world.clock.advance(std::chrono::milliseconds(10));
    }
  }

  Replica replica{world};
};

TEST_F(RefusalTest, ALogOfAnotherInstallation) {
  world.world.wipe();
  world.options.healer.installation = "another";
  ShardHealing healing(replica.healing_store, world.log, world.registry, world.clock, world.chance, world.options);
  step(healing);
  ASSERT_THAT(healing.state().refused, SizeIs(kShards));
  EXPECT_THAT(to_line(healing.state().refused.at(0)), HasSubstr("events of the installation \"test\""));
}

TEST_F(RefusalTest, ALogThatEndsBelowWhatWasTrimmed) {
  bus::MemoryBroker empty;
  bus::MemoryLog log(empty);
  empty.create_topic(kTopic, kShards);
  world.world.restart();
  ShardHealing healing(replica.healing_store, log, world.registry, world.clock, world.chance, world.options);
  step(healing);
  ASSERT_THAT(healing.state().refused, SizeIs(kShards));
  EXPECT_THAT(to_line(healing.state().refused.at(0)), HasSubstr("but Redis has published up to"));
  EXPECT_THAT(empty.records(kTopic, 0), IsEmpty());
}

TEST_F(RefusalTest, AnotherEventAtTheLastCommonNumber) {
  // A failover: the old primary has published an event that the new one never had, and gave its number to another.
  const auto promoted = world.world.snapshot();
  ASSERT_EQ(replica.request("a", 5, "old").kind, Kind::kCommitted);
  replica.publish();
  const uint32_t shard = shard_of_account("a");
  auto forked = promoted;
  store::MemoryShard& data = forked.at(shard);
  ++data.last_number;
  data.outbox[data.last_number] = {{data.last_number, "record", {}}, world.clock.now(), "another version.."};
  world.world.restart(forked);
  expect_refused("the two have gone different ways");
}

TEST_F(RefusalTest, AnotherRecordAtThePlaceThatRedisHasNoted) {
  auto changed = world.world.snapshot();
  changed.at(1).anchor = "something else..";
  world.world.restart(changed);
  expect_refused("is not the log that this Redis has published to");
}

TEST_F(RefusalTest, ALogThatHasForgottenItsBeginning) {
  world.broker.drop_before(kTopic, 0, 2);
  world.world.wipe();
  expect_refused("begins with offset 2, but offset 0 is needed. The log in memory was told to drop them.");
}

TEST_F(RefusalTest, AShardThatIsRefusedIsTriedAgainLater) {
  const auto right = world.world.snapshot();
  auto changed = right;
  changed.at(1).anchor = "something else..";
  world.world.restart(changed);
  expect_refused("is not the log");
  world.world.restart(right);
  for (int i = 0; i < 30 && !replica.healing.all_reconciled(); ++i) ASSERT_TRUE(replica.heal());
  EXPECT_TRUE(replica.healing.all_reconciled());
  EXPECT_THAT(replica.healing.state().refused, IsEmpty());
}

}  // namespace
}  // namespace tandem::heal
