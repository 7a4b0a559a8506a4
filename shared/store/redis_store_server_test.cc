// The Redis store on a real Redis: what can go wrong with connections and servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "shared/store/health.h"
#include "shared/store/redis_healing.h"
#include "shared/store/redis_outbox.h"
#include "shared/store/redis_store.h"
#include "shared/store/store_testing.h"
#include "tests/support/redis_server.h"

namespace tandem::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tandem::testing::RedisServer;
using testing::event;
using testing::nothing;
using testing::request;
using testing::version;
using Outcome = CommitOutcome::Status;

class RedisStoreServerTest : public ::testing::Test {
 protected:
  RedisOptions options() const {
    RedisOptions options;
    options.identity = {"installation", "sales", 2};
    options.topology.endpoints = {{.host = server_.host(), .port = server_.port()}};
    options.prefix = "test-";
    return options;
  }
  void SetUp() override { heal(); }
  // As a healer does, when Redis has come up: in a new generation.
  void heal() {
    for (uint32_t shard : {0U, 1U}) generation_ = testing::reconcile(healing_, shard);
  }
  // In the generation in force.
  CommitOutcome commit(Commit commit) {
    commit.generation = generation_;
    return store_.commit(std::span(&commit, 1), from_micros(1))[0];
  }
  Result<Loaded> load() { return store_.load({{{0, {"lead", "a"}}}, {{0, "r"}}, {0}}); }
  RedisReply ask(const RedisCommand& command) {
    RedisConnection admin(options().topology.endpoints[0], {}, {});
    EXPECT_TRUE(admin.ready().ok());
    return admin.call(command).value();
  }
  // Until a handle has connected again.
  template <class Call>
  void eventually(Call call) {
    auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!call().ok()) ASSERT_LT(std::chrono::steady_clock::now(), end);
  }

  RedisServer server_;
  RedisStore store_{options()};
  RedisOutbox outbox_{options()};
  RedisHealing healing_{options()};
  uint64_t generation_ = 0;
};

TEST_F(RedisStoreServerTest, AnUnansweredCommitIsUnknownAndMayBeSentAgain) {
  RedisOptions impatient = options();
  impatient.timeouts.command = milliseconds(100);
  RedisStore store(impatient);
  ASSERT_TRUE(store.load({{}, {}, {0}}).ok());
  Commit item = request("r", 0, 1);
  server_.pause();
  EXPECT_EQ(store.commit(std::span(&item, 1), from_micros(1))[0].status, Outcome::kUnknown);
  server_.restart();  // killed while the commit is in its socket: it never came to it
  heal();
  eventually([this] { return load(); });
  EXPECT_FALSE(load()->requests[0]);
  EXPECT_EQ(commit(item).status, Outcome::kCommitted);
}

TEST_F(RedisStoreServerTest, AKillInTheMiddleOfAPipelineIsSettledByTheRequestIds) {
  constexpr int kCommits = 3000;
  std::vector<Commit> batch;
  for (int i = 0; i < kCommits; ++i) batch.push_back(request("request-" + std::to_string(i), i, i + 1));
  std::vector<CommitOutcome> first;
  std::thread client([&] { first = store_.commit(batch, from_micros(1)); });
  RedisOutbox watch(options());
  eventually([&]() -> Status {
    auto status = watch.status(0);
    if (!status.ok()) return status.error();
    return status->last_number > 0 ? Status() : make_error(Code::kUnavailable, "not yet");
  });
  server_.kill9();
  client.join();
  server_.restart();
  heal();
  eventually([this] { return load(); });
  for (Commit& item : batch) item.generation = generation_;
  auto again = store_.commit(batch, from_micros(1));
  for (int i = 0; i < kCommits; ++i) {
    ASSERT_TRUE(first[i].status == Outcome::kCommitted || first[i].status == Outcome::kUnknown) << i;
    ASSERT_TRUE(again[i].status == Outcome::kDuplicate || again[i].status == Outcome::kCommitted) << i;
    if (first[i].status == Outcome::kCommitted) {
      ASSERT_EQ(again[i].status, Outcome::kDuplicate) << i;
    }
    ASSERT_EQ(again[i].n, static_cast<uint64_t>(i + 1));
  }
  EXPECT_EQ(load()->aggregates[0].version, version(kCommits));
}

TEST_F(RedisStoreServerTest, AReplyLostAfterTheCommitIsAnsweredByTheRequestId) {
  RedisOptions impatient = options();
  impatient.timeouts.command = milliseconds(100);
  RedisStore store(impatient);
  ASSERT_TRUE(store.load({{}, {}, {0}}).ok());
  Commit item = request("r", 0, 1);
  server_.pause();
  EXPECT_EQ(store.commit(std::span(&item, 1), from_micros(1))[0].status, Outcome::kUnknown);
  server_.resume();  // it finds the commit in its socket, and does it
  eventually([&]() -> Status {
    auto loaded = load();
    if (!loaded.ok()) return loaded.error();
    return loaded->requests[0] ? Status() : make_error(Code::kUnavailable, "not yet");
  });
  EXPECT_EQ(*load()->requests[0], (Reply{"print", "reply", 1}));
  EXPECT_EQ(store.commit(std::span(&item, 1), from_micros(1))[0].status, Outcome::kDuplicate);
}

TEST_F(RedisStoreServerTest, WhatWasAcknowledgedSurvivesAKill) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(commit(event(i, i + 1)).status, Outcome::kCommitted);
  ASSERT_EQ(outbox_.status(0)->last_number, 100U);
  server_.restart();
  EXPECT_EQ(outbox_.status(0).code(), Code::kUnavailable);  // said once, so that the relay forgets what it has read
  eventually([this] { return outbox_.status(0); });
  EXPECT_EQ(outbox_.status(0)->last_number, 100U);
  heal();
  EXPECT_EQ(load()->aggregates[0], (Stored{version(100), "state 100"}));
  EXPECT_EQ(commit(event(100, 101)).n, 101U);
}

TEST_F(RedisStoreServerTest, WithoutRedisCallsFailSoonAndComeBackByThemselves) {
  server_.kill9();
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(commit(event(0, 1)).status, Outcome::kUnavailable);
  EXPECT_EQ(load().code(), Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
  server_.restart();
  heal();
  eventually([this] { return load(); });
  EXPECT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
}

TEST_F(RedisStoreServerTest, ARedisThatLostItsDataIsNotWrittenTo) {
  ASSERT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
  server_.stop();
  server_.erase_data();
  server_.restart();
  EXPECT_EQ(commit(event(1, 2)).status, Outcome::kWrongGeneration);
  EXPECT_EQ(load()->generations[0], 0U);
  EXPECT_EQ(outbox_.open(0).code(), Code::kUnavailable);  // the cut connection
  EXPECT_THAT(to_line(outbox_.open(0).error()), ::testing::HasSubstr("is being reconciled with its log"));
  EXPECT_EQ(elements_of(*ask(RedisCommand("KEYS").add("*"))).size(), 0U);
}

TEST_F(RedisStoreServerTest, ARestartedRedisServesNobodyBeforeItIsReconciled) {
  ASSERT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
  ASSERT_TRUE(*outbox_.lease(0, "relay", seconds(60)));
  server_.restart();
  CommitOutcome refused = commit(event(1, 2));
  EXPECT_EQ(refused.status, Outcome::kUnavailable);
  EXPECT_THAT(refused.detail, ::testing::HasSubstr("is being reconciled with its log"));
  EXPECT_EQ(load()->generations[0], 0U);
  const std::vector<ShardGeneration> shards = {{0, 1}};
  const std::vector<Place> places = {{{"marketing", 0}, 5, 1, 3}};
  EXPECT_EQ(store_.write_places(shards, places).code(), Code::kFailedPrecondition);
  EXPECT_EQ(outbox_.status(0).code(), Code::kUnavailable);  // the cut connection
  EXPECT_FALSE(*outbox_.lease(0, "relay", seconds(60)));
  EXPECT_FALSE(outbox_.read(0, "relay", 0, 10)->leased);
  EXPECT_FALSE(*outbox_.trim(0, "relay", 1, 1, 5));
  heal();
  EXPECT_EQ(commit(event(1, 2)).n, 2U);
  EXPECT_EQ(load()->generations[0], 2U);
  Commit old = event(2, 3);
  EXPECT_EQ(store_.commit(std::span(&old, 1), from_micros(1))[0].status, Outcome::kWrongGeneration);
  EXPECT_FALSE(*outbox_.trim(0, "relay", 1, 1, 5)) << "its lease was taken";
}

TEST_F(RedisStoreServerTest, AReplacedInstanceIsNotWrittenToBeforeItIsReconciled) {
  ASSERT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
  ask(RedisCommand("HSET").add("{test-sales:0}:meta").add("instance").add("of another Redis"));
  EXPECT_EQ(commit(event(1, 2)).status, Outcome::kUnavailable);
  EXPECT_EQ(commit(event(1, 2)).status, Outcome::kUnavailable);
  generation_ = testing::reconcile(healing_, 0);
  EXPECT_EQ(commit(event(1, 2)).status, Outcome::kCommitted);
}

TEST_F(RedisStoreServerTest, AClaimEndsWithTheInstanceThatItWasMadeOn) {
  server_.restart();
  while (!healing_.look(std::vector<uint32_t>{0}).ok()) {
  }
  ASSERT_EQ(healing_.claim(0, "first", seconds(600))->verdict, Claim::Verdict::kClaimed);
  EXPECT_EQ(healing_.claim(0, "second", seconds(600))->verdict, Claim::Verdict::kBusy);
  EXPECT_TRUE(*healing_.renew(0, "first", seconds(600)));
  server_.restart();
  EXPECT_EQ(healing_.renew(0, "first", seconds(600)).code(), Code::kUnavailable);  // the cut connection
  while (!healing_.look(std::vector<uint32_t>{0}).ok()) {
  }
  EXPECT_FALSE(*healing_.renew(0, "first", seconds(600)));
  EXPECT_FALSE(*healing_.finish(0, "first", {7, 0, "nonce"}));
  EXPECT_EQ(healing_.claim(0, "second", seconds(600))->verdict, Claim::Verdict::kClaimed);
}

TEST_F(RedisStoreServerTest, FunctionsThatAreGoneAreLoadedAgain) {
  ASSERT_TRUE(load().ok());
  ask(RedisCommand("FUNCTION").add("FLUSH"));
  EXPECT_EQ(commit(event(0, 1)).status, Outcome::kUnavailable);
  EXPECT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
}

TEST_F(RedisStoreServerTest, ManyStartAtOnce) {
  ask(RedisCommand("FUNCTION").add("FLUSH"));
  std::vector<std::thread> starters;
  for (int i = 0; i < 4; ++i) {
    starters.emplace_back([this] {
      RedisOutbox outbox(options());
      for (uint32_t shard : {0U, 1U}) EXPECT_EQ(outbox.open(shard)->generation, 1U);
    });
  }
  for (auto& starter : starters) starter.join();
}

TEST_F(RedisStoreServerTest, AnotherInstallationIsRefused) {
  RedisOptions other = options();
  other.identity.installation = "other";
  auto refused = RedisOutbox(other).open(0);
  ASSERT_EQ(refused.code(), Code::kFailedPrecondition);
  EXPECT_THAT(to_line(refused.error()), ::testing::HasSubstr("belongs to installation \"installation\""));
  other = options();
  other.identity.shards = 3;
  EXPECT_EQ(RedisOutbox(other).open(0).code(), Code::kFailedPrecondition);
}

TEST_F(RedisStoreServerTest, ACommitThatRedisRefusesForLackOfMemoryIsNotDone) {
  ask(RedisCommand("CONFIG").add("SET").add("maxmemory").add("1"));
  CommitOutcome refused = commit(event(0, 1));
  EXPECT_EQ(refused.status, Outcome::kUnavailable);
  EXPECT_THAT(refused.detail, ::testing::HasSubstr("OOM"));
  ask(RedisCommand("CONFIG").add("SET").add("maxmemory").add("0"));
  eventually([this] { return load(); });
  EXPECT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
}

// What makes room is not refused: else the outage outlives its cause.
TEST_F(RedisStoreServerTest, AFullRedisStillPublishesAndTrims) {
  ASSERT_EQ(commit(event(0, 1)).status, Outcome::kCommitted);
  ask(RedisCommand("CONFIG").add("SET").add("maxmemory").add("1"));
  EXPECT_EQ(commit(event(0, 2)).status, Outcome::kUnavailable);
  EXPECT_EQ(outbox_.lease(0, "relay", seconds(10)).value(), true);
  const auto read = outbox_.read(0, "relay", 0, 10);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->entries.size(), 1U);
  EXPECT_EQ(outbox_.trim(0, "relay", read->generation, 1, std::nullopt).value(), true);
  EXPECT_EQ(outbox_.open(0)->unpublished, 0U);
  EXPECT_TRUE(outbox_.release(0, "relay").ok());
  ask(RedisCommand("CONFIG").add("SET").add("maxmemory").add("0"));
}

TEST_F(RedisStoreServerTest, WaitIsWokenByACommit) {
  std::vector<std::pair<uint32_t, uint64_t>> after = {{0, 0}, {1, 0}};
  std::thread writer([this] { commit(event(0, 1)); });
  auto ready = outbox_.wait(after, seconds(30));
  writer.join();
  ASSERT_TRUE(ready.ok()) << to_line(ready.error());
  EXPECT_THAT(*ready, ::testing::ElementsAre(0U));
}

TEST_F(RedisStoreServerTest, WaitIsEndedByAnInterruptWheneverItComes) {
  std::vector<std::pair<uint32_t, uint64_t>> after = {{0, 0}, {1, 0}};
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    std::thread other([this] { outbox_.interrupt(); });
    auto ready = outbox_.wait(after, seconds(60));
    other.join();
    ASSERT_TRUE(ready.ok()) << to_line(ready.error());
    EXPECT_THAT(*ready, ::testing::IsEmpty());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(50));
  EXPECT_THAT(*outbox_.wait(after, milliseconds(1)), ::testing::IsEmpty());  // the time-out
}

TEST_F(RedisStoreServerTest, WaitSaysThatRedisIsGone) {
  std::vector<std::pair<uint32_t, uint64_t>> after = {{0, 0}};
  std::thread killer([this] { server_.kill9(); });
  auto ready = outbox_.wait(after, seconds(30));
  killer.join();
  EXPECT_EQ(ready.code(), Code::kUnavailable);
}

TEST_F(RedisStoreServerTest, ALeaseOfADeadHolderEnds) {
  ASSERT_TRUE(*outbox_.lease(0, "dead", milliseconds(50)));
  auto end = std::chrono::steady_clock::now() + seconds(20);
  while (!*outbox_.lease(0, "next", seconds(60))) ASSERT_LT(std::chrono::steady_clock::now(), end);
  EXPECT_FALSE(outbox_.read(0, "dead", 0, 1)->leased);
}

TEST_F(RedisStoreServerTest, HealthIsWhatRedisSays) {
  RedisHealthProbe probe(options().topology, {});
  RedisHealth health = probe.check()[0];
  EXPECT_TRUE(health.reachable);
  EXPECT_TRUE(health.aof_last_write_ok);
  EXPECT_EQ(health.appendfsync, "always");
  EXPECT_GT(health.used_memory, 0U);
  EXPECT_THAT(health.problems, ::testing::IsEmpty());
  server_.kill9();
  health = probe.check()[0];
  EXPECT_FALSE(health.reachable);
  EXPECT_THAT(health.problems, ::testing::SizeIs(1));
}

}  // namespace
}  // namespace tandem::store
