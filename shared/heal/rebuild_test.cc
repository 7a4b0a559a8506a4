// A rebuild beside a shard that serves: it finds what is wrong, and nothing else, and puts it right.
#include "shared/heal/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/heal/heal_world_testing.h"
#include "shared/store/compare_testing.h"
#include "shared/store/memory_inspection.h"

namespace tandem::heal {
namespace {

using store::testing::expect_same_data;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RebuildTest : public ::testing::Test {
 protected:
  RebuildTest() {
    EXPECT_TRUE(replica.heal());
    work(0, 30);
  }

  void work(int from, int to, bool publish = true) {
    for (int i = from; i < to; ++i) {
      const std::string account = "account-" + std::to_string(i % 7);
      replica.request(account, 10, "request-" + std::to_string(i));
      replica.caused(account, i % 5 == 0 ? -10'000 : 20, 2 * static_cast<uint64_t>(i) + 1);
    }
    if (publish) replica.publish();
  }

  RebuildReport rebuild(bool mend = false) {
    RebuildOptions options{.installation = "test", .service = "bank", .shards = kShards, .mend = mend};
    Rebuild rebuild(inspection, world.log, world.registry, world.clock, options);
    auto report = rebuild.run();
    EXPECT_TRUE(report.ok()) << to_line(report.error());
    return report.ok() ? *report : RebuildReport();
  }

  // Restarts Redis with something changed in it, and heals it: the healing trusts what it finds.
  void corrupt(const std::function<void(store::MemoryShard&)>& change) {
    auto data = world.world.snapshot();
    change(data.at(shard_of_account("account-1")));
    world.world.restart(data);
    ASSERT_TRUE(replica.heal());
  }

  void expect_found_and_mended(const std::string& what, const std::string& how) {
    const RebuildReport found = rebuild();
    ASSERT_THAT(found.differences, SizeIs(1));
    EXPECT_EQ(found.differences[0].what, what);
    EXPECT_THAT(found.differences[0].how, HasSubstr(how));
    EXPECT_FALSE(found.well());
    const RebuildReport mended = rebuild(true);
    EXPECT_EQ(mended.mended, 1u);
    EXPECT_TRUE(mended.well());
    EXPECT_EQ(rebuild().different, 0u);
    expect_same_data(before, world.world.snapshot());
  }

  HealWorld world;
  Replica replica{world};
  store::MemoryInspection inspection{world.world};
  store::MemoryWorld::Shards before;
  const AggregateRef one = ref<Account>("account-1");
};

TEST_F(RebuildTest, WhatIsRightIsRight) {
  work(30, 35, false);  // some of it is only in the outbox
  const RebuildReport report = rebuild();
  EXPECT_TRUE(report.well());
  EXPECT_EQ(report.different, 0u);
  const auto data = world.world.snapshot();
  EXPECT_EQ(report.events, data.at(0).last_number + data.at(1).last_number);
  EXPECT_GT(report.unpublished, 0u);
  EXPECT_EQ(report.aggregates, 7u);
  EXPECT_EQ(report.requests, 35u);
  EXPECT_EQ(report.marks, 2u);
}

TEST_F(RebuildTest, AnotherState) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) { shard.aggregates.at(one).bytes += "x"; });
  expect_found_and_mended("account/account-1", "other bytes");
}

TEST_F(RebuildTest, AnotherVersion) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) { shard.aggregates.at(one).version = "0123456789abcdef"; });
  expect_found_and_mended("account/account-1", "has version 0123456789abcdef");
}

TEST_F(RebuildTest, AMissingAggregate) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) { shard.aggregates.erase(one); });
  expect_found_and_mended("account/account-1", "Redis does not");
}

TEST_F(RebuildTest, OneThatNoEventMade) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) {
    shard.aggregates[ref<Account>("ghost")] = shard.aggregates.at(one);
    shard.indexes["account"].insert("o\x1fghost");
  });
  expect_found_and_mended("account/ghost", "the log does not");
}

TEST_F(RebuildTest, AMissingAndAStrayEntryOfAnIndex) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) {
    shard.indexes.at("account").erase(
        "o\x1f"
        "account-1");
  });
  expect_found_and_mended("account/account-1", "is missing in index account");
  corrupt([&](store::MemoryShard& shard) {
    shard.indexes["account:minor_units=77"].insert(
        "o\x1f"
        "account-1");
  });
  expect_found_and_mended("account/account-1", "an entry too many in index account:minor_units=77");
}

TEST_F(RebuildTest, AStrayTimer) {
  before = world.world.snapshot();
  corrupt([&](store::MemoryShard& shard) {
    shard.timers
        ["account\x1f"
         "account-1\x1f"
         "empty"] = 2'000'000'000'000'000;
  });
  expect_found_and_mended("account/account-1", "timers");
}

TEST_F(RebuildTest, AForgottenRequest) {
  corrupt([&](store::MemoryShard& shard) {
    std::erase_if(shard.requests, [](const auto& request) { return request.first == "request-1"; });
  });
  const RebuildReport report = rebuild();
  ASSERT_THAT(report.differences, SizeIs(1));
  EXPECT_EQ(report.differences[0].what, "request request-1");
}

TEST_F(RebuildTest, AMarkThatIsBehind) {
  corrupt([&](store::MemoryShard& shard) { shard.marks.at({"shop", 0}) = {1, 1}; });
  const RebuildReport report = rebuild();
  ASSERT_THAT(report.differences, SizeIs(1));
  EXPECT_EQ(report.differences[0].what, "mark of shop/0");
}

TEST_F(RebuildTest, ALogThatHasForgottenItsBeginningIsRefused) {
  world.broker.drop_before(kTopic, 1, 2);
  Rebuild rebuild(inspection, world.log, world.registry, world.clock,
                  {.installation = "test", .service = "bank", .shards = kShards});
  const auto report = rebuild.run();
  EXPECT_EQ(report.code(), Code::kDataLoss);
  EXPECT_THAT(to_line(report.error()), HasSubstr("what came before is gone"));
}

// A store that changes each time that it is looked at.
class Busy : public store::MemoryInspection {
 public:
  Busy(store::MemoryWorld& world, std::function<void()> change) : MemoryInspection(world), change_(std::move(change)) {}
  Result<ShardDump> dump(uint32_t shard) override {
    auto dump = MemoryInspection::dump(shard);
    change_();
    return dump;
  }

 private:
  std::function<void()> change_;
};

TEST_F(RebuildTest, WhatChangesMeanwhileIsNoDifference) {
  int next = 100;
  Busy busy(world.world, [&] {
    for (int i = 0; i < 5; ++i, ++next)
      replica.request("account-" + std::to_string(next % 7), 10, std::to_string(next));
    if (next % 2 == 0) replica.publish();
  });
  Rebuild rebuild(busy, world.log, world.registry, world.clock,
                  {.installation = "test", .service = "bank", .shards = kShards, .mend = true});
  const auto report = rebuild.run();
  ASSERT_TRUE(report.ok()) << to_line(report.error());
  EXPECT_TRUE(report->well());
  EXPECT_EQ(report->different, 0u);
}

}  // namespace
}  // namespace tandem::heal
