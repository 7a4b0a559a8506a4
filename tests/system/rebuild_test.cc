// `tandem rebuild` on real services: what somebody has changed in Redis behind a service's back is named, and put right
// byte for byte while writes go on; with --verify it is only named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/ids.h"
#include "shared/store/encoding.h"
#include "shared/store/redis_inspection.h"
#include "tests/system/command_line.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Assignments that nobody accepts, so that they stay as they are while other leads come in.
class RebuildTest : public ::testing::Test {
 protected:
  RebuildTest() {
    company_.define();
    for (int i = 0; i < 8; i++) company_.done(company_.person("early" + std::to_string(i) + "@example.com"));
    EXPECT_TRUE(tandem_.settle());
    for (const auto& one : company_.assignments("status = ASSIGNED")) assignments_.push_back(one.assignment());
  }

  // In Redis, without telling anybody.
  void redis(uint32_t shard, store::RedisCommand command) {
    const auto done = redis_.call(shard, std::move(command));
    ASSERT_TRUE(done.ok()) << to_line(done.error());
  }

  static AggregateRef ref_of(const std::string& assignment) { return {"assignment", assignment}; }
  uint32_t shard_of(const std::string& assignment) const {
    return tandem::shard_of("assignment", assignment, tandem_.shards());
  }

  // A dump of each of the assignments, and of nothing that others write to.
  std::map<std::string, AggregateDump> look() {
    store::RedisInspection inspection(tandem_.redis_options("sales"));
    std::map<std::string, AggregateDump> found;
    for (uint32_t shard = 0; shard < tandem_.shards(); ++shard) {
      auto dump = inspection.dump(shard);
      EXPECT_TRUE(dump.ok()) << to_line(dump.error());
      if (!dump.ok()) continue;
      for (const std::string& one : assignments_) {
        const auto at = dump->aggregates.find(ref_of(one));
        if (at != dump->aggregates.end()) found[one] = at->second;
      }
      if (const auto ghost = dump->aggregates.find(ref_of("ghost")); ghost != dump->aggregates.end()) {
        found["ghost"] = ghost->second;
      }
    }
    return found;
  }

  // Each in another way. Returns how `rebuild` names it.
  std::map<std::string, std::string> damage(const std::map<std::string, AggregateDump>& before) {
    using store::RedisCommand;
    const auto keys = [this](const std::string& id) -> const store::RedisKeys& { return redis_.keys(shard_of(id)); };
    const auto timer = [](const std::string& id) { return store::timer_member({ref_of(id), "expire"}); };
    const std::string& other = assignments_[0];
    redis(shard_of(other), RedisCommand("APPEND").add(keys(other).state(ref_of(other))).add("x"));
    const std::string& gone = assignments_[1];
    redis(shard_of(gone), RedisCommand("DEL").add(keys(gone).state(ref_of(gone))));
    const std::string& stray = assignments_[2];
    const std::string accepted = keys(stray).index("assignment:status=ACCEPTED");
    redis(shard_of(stray), RedisCommand("ZADD").add(accepted).add("0").add(store::index_member("2026", stray)));
    const std::string& unlisted = assignments_[3];
    const auto& [index, order] = *before.at(unlisted).indexes.begin();
    redis(shard_of(unlisted),
          RedisCommand("ZREM").add(keys(unlisted).index(index)).add(store::index_member(order, unlisted)));
    const std::string& silent = assignments_[4];
    redis(shard_of(silent), RedisCommand("ZREM").add(keys(silent).timers).add(timer(silent)));
    const std::string& late = assignments_[5];
    redis(shard_of(late), RedisCommand("ZADD").add(keys(late).timers).add("9000000000000000").add(timer(late)));
    redis(0, RedisCommand("SET").add(redis_.keys(0).state(ref_of("ghost"))).add("0123456789abcdefnobody's"));
    return {{other, "other bytes"},
            {gone, "the log has it, Redis does not"},
            {stray, "an entry too many in"},
            {unlisted, "is missing in index " + index},
            {silent, "has other timers"},
            {late, "has other timers"},
            {"ghost", "Redis has it, the log does not"}};
  }

  // That each is named, and nothing else.
  static void expect_named(const std::string& out, const std::map<std::string, std::string>& wrong, bool mended) {
    const json report = json::parse(out, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(report.is_object()) << out;
    EXPECT_EQ(report["differences"].size(), wrong.size()) << out;
    for (const json& one : report["differences"]) {
      const std::string what = one["what"];
      const auto found = wrong.find(what.substr(what.find('/') + 1));
      ASSERT_NE(found, wrong.end()) << one;
      EXPECT_THAT(one.value("how", ""), HasSubstr(found->second)) << what;
      EXPECT_EQ(one.value("mended", !mended), mended) << what;
    }
  }

  Installation tandem_;
  Company company_{tandem_};
  CommandLine line_{tandem_};
  store::RedisShards redis_{tandem_.redis_options("sales"), store::RedisConnection::OnLoss::kReconnect};
  std::vector<std::string> assignments_;
};

TEST_F(RebuildTest, WhatIsWrongIsNamedAndPutRightWhileWritesGoOn) {
  ASSERT_EQ(assignments_.size(), 8u);
  const auto before = look();
  ASSERT_EQ(before.size(), 8u);
  const auto wrong = damage(before);
  const auto damaged = look();

  const CommandLine::Ran verified = line_.run({"rebuild", "sales", "--verify", "--output", "json"});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.err, HasSubstr("7 differences between Redis and the log of sales"));
  expect_named(verified.out, wrong, false);
  EXPECT_EQ(look(), damaged) << "--verify changes nothing";

  std::atomic<bool> stop = false;
  int captured = 0;
  std::thread writer([&] {
    while (!stop) company_.done(company_.person("late" + std::to_string(captured++) + "@example.com"));
  });
  const CommandLine::Ran mended = line_.run({"rebuild", "sales", "--output", "json"});
  stop = true;
  writer.join();
  EXPECT_EQ(mended.status, 0) << mended.err;
  expect_named(mended.out, wrong, true);
  EXPECT_EQ(look(), before);
  EXPECT_GT(captured, 1);
  ASSERT_TRUE(tandem_.settle());
  EXPECT_EQ(company_.assignments("").size(), 8u + static_cast<size_t>(captured));
  EXPECT_EQ(tandem_.verify("sales"), "");
}

}  // namespace
}  // namespace tandem::testing
