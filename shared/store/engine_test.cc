// The engine: batches, conflicts, request ids, timers, references.
#include "shared/store/engine_testing.h"

namespace tandem {
namespace {

using namespace testing;  // NOLINT: the words of the tests

TEST_F(EngineTest, CommandsOfOneBatchForOneAggregateAreDecidedInOrder) {
  const auto outcomes = engine_->execute(
      std::vector{request("a", 5, "r1"), request("a", -5, "r2"), request("a", -1, "r3"), request("a", 0, "r4")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[2].kind, Outcome::Kind::kFailed);
  EXPECT_EQ(outcomes[2].error.code, Code::kFailedPrecondition);
  EXPECT_EQ(outcomes[3].kind, Outcome::Kind::kUnchanged);
  EXPECT_TRUE(outcomes[3].result.unchanged());
  EXPECT_EQ(outcomes[0].result.position().number(), 1u);
  EXPECT_EQ(outcomes[1].result.position().number(), 2u);
  EXPECT_EQ(outcomes[0].result.event_type(), "google.protobuf.Int32Value");
  EXPECT_EQ(total("a"), 0);
}

TEST_F(EngineTest, ARequestIdGetsItsFirstAnswerAgain) {
  const auto first = engine_->execute(std::vector{request("a", 5, "r1")});
  const auto again = engine_->execute(std::vector{request("a", 5, "r1")});
  EXPECT_EQ(again[0].kind, Outcome::Kind::kDuplicate);
  auto expected = first[0].result;
  EXPECT_FALSE(expected.repeated());
  expected.set_repeated(true);
  EXPECT_EQ(again[0].result.SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(total("a"), 5);
}

TEST_F(EngineTest, ValidateOnlySaysWhatItWouldBeAndDoesNothing) {
  const auto validated = [&](int64_t value, const std::string& request_id) {
    Command command = request("a", value, request_id);
    command.validate_only = true;
    return engine_->execute(std::vector{command}).at(0);
  };
  const Outcome event = validated(5, "r1");
  EXPECT_EQ(event.kind, Outcome::Kind::kValidated);
  EXPECT_EQ(event.result.subject(), "a");
  EXPECT_EQ(event.result.event_type(), "google.protobuf.Int32Value");
  EXPECT_EQ(event.result.event_id(), "");
  EXPECT_FALSE(event.result.has_position());
  EXPECT_TRUE(validated(0, "r2").result.unchanged());
  EXPECT_EQ(validated(-1, "r3").error.code, Code::kFailedPrecondition);
  EXPECT_EQ(total("a"), 0);

  const auto done = engine_->execute(std::vector{request("a", 5, "r1")});
  EXPECT_EQ(done[0].kind, Outcome::Kind::kCommitted) << "the request id was not used up";
  EXPECT_EQ(done[0].result.position().number(), 1u);
  EXPECT_TRUE(validated(5, "r1").result.repeated()) << "now it has been done";
  EXPECT_EQ(total("a"), 5);
}

TEST_F(EngineTest, TheSameRequestIdTwiceInOneBatchIsDoneOnce) {
  const auto outcomes =
      engine_->execute(std::vector{request("a", 5, "r1"), request("a", 5, "r1"), request("a", 2, "r2")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[2].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 7);
}

// What a caller is told is final: it must not stand on what another command of the batch has only planned.
TEST_F(EngineTest, ARefusalDoesNotStandOnACommitThatDoesNotHappen) {
  engine_->execute(std::vector{request("a", 5, "r0")});
  store_.set_fault_hook([](const store::MemoryCall& call) {
    return call.name == "commit" ? store::Fault::kUnavailable : store::Fault::kNone;
  });
  const auto outcomes = engine_->execute(std::vector{request("a", -5, "r1"), request("a", -5, "r2")});
  EXPECT_EQ(outcomes[0].error.code, Code::kUnavailable);
  EXPECT_EQ(outcomes[1].error.code, Code::kUnavailable) << "nothing was taken: there is enough";
}

// Does nothing, and says why.
struct FullStore : store::MemoryStore {
  using MemoryStore::MemoryStore;
  std::vector<CommitOutcome> commit(std::span<const Commit> batch, Instant) override {
    CommitOutcome full;
    full.status = CommitOutcome::Status::kUnavailable;
    full.detail = why;
    return {batch.size(), full};
  }
  std::string why;
};

TEST_F(EngineTest, AStoreThatRefusesSaysWhyAndWhatToDo) {
  FullStore full(world_);
  auto engine = make_engine(full);
  EXPECT_EQ(engine->execute(std::vector{request("a", 5, "r1")}).at(0).error.message,
            "the store does not answer; send it again with the same request id");
  full.why = "Redis at 127.0.0.1:6379: OOM command not allowed.";
  EXPECT_EQ(engine->execute(std::vector{request("a", 5, "r1")}).at(0).error.message,
            "Redis at 127.0.0.1:6379: OOM command not allowed; send it again with the same request id");
}

TEST_F(EngineTest, ASecondCopyOfARequestIsNotRefusedForWhatTheFirstDoes) {
  engine_->execute(std::vector{request("a", 5, "r0")});
  const auto outcomes = engine_->execute(std::vector{request("a", -5, "r1"), request("a", -5, "r1")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(total("a"), 0);
}

TEST_F(EngineTest, ARequestIdWithAnotherContentIsRefused) {
  engine_->execute(std::vector{request("a", 5, "r1")});
  Command other = request("a", 6, "r1");
  const auto outcomes = engine_->execute(std::vector{other});
  ASSERT_EQ(outcomes[0].kind, Outcome::Kind::kFailed);
  EXPECT_EQ(outcomes[0].error.violations.at(0).field, "request_id");
  EXPECT_EQ(total("a"), 5);
}

TEST_F(EngineTest, ARivalsCommitIsNotOverwritten) {
  store::MemoryStore rival_store(world_);
  auto rival = make_engine(rival_store);
  bool done = false;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    if (call.name == "commit" && !std::exchange(done, true)) rival->execute(std::vector{request("a", 100, "rival")});
    return store::Fault::kNone;
  });
  BatchReport report;
  engine_->observe([&](const BatchReport& r) { report = r; });
  const auto outcomes = engine_->execute(std::vector{request("a", 1, "r1"), request("a", 2, "r2")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(report.conflicts, 2u);
  EXPECT_EQ(total("a"), 103);
}

TEST_F(EngineTest, EndlessRivalryEndsWithAborted) {
  store::MemoryStore rival_store(world_);
  auto rival = make_engine(rival_store);
  int round = 0;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    if (call.name == "commit") rival->execute(std::vector{request("a", 1, "rival" + std::to_string(round++))});
    return store::Fault::kNone;
  });
  const auto outcomes = engine_->execute(std::vector{request("a", 1, "r1")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kFailed);
  EXPECT_EQ(outcomes[0].error.code, Code::kAborted);
  EXPECT_TRUE(outcomes[0].error.retry_after.has_value());
}

TEST_F(EngineTest, ALostReplyIsSettledByTheRequestId) {
  bool lost = false;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    return call.name == "commit" && !std::exchange(lost, true) ? store::Fault::kReplyLost : store::Fault::kNone;
  });
  const auto outcomes = engine_->execute(std::vector{request("a", 5, "r1")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[0].result.position().number(), 1u);
  EXPECT_EQ(total("a"), 5);
}

TEST_F(EngineTest, ATimerFiresOnceAndOnlyIfTheStateStillNamesIt) {
  engine_->execute(std::vector{request("a", 100, "r1")});
  const std::vector<uint32_t> shards = {0, 1, 2, 3};
  EXPECT_TRUE(store_.due_timers(shards, from_micros(4'000'000), 10)->empty());
  const auto due = *store_.due_timers(shards, from_micros(5'000'000), 10);
  ASSERT_EQ(due.size(), 1u);
  const Command fire = Engine::timer_command(due[0]);
  Command stale = fire;
  stale.cause.mutable_timer()->mutable_due()->set_seconds(4);
  EXPECT_EQ(engine_->execute(std::vector{stale})[0].kind, Outcome::Kind::kUnchanged) << "the state has set it anew";
  EXPECT_EQ(*store_.due_timers(shards, from_micros(5'000'000), 10), due) << "and it stays set";
  EXPECT_EQ(engine_->execute(std::vector{fire})[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 0);
  EXPECT_EQ(engine_->execute(std::vector{fire})[0].kind, Outcome::Kind::kUnchanged) << "two replicas fired it";
  EXPECT_EQ(total("a"), 0);
  EXPECT_TRUE(store_.due_timers(shards, from_micros(9'000'000), 10)->empty());
}

TEST_F(EngineTest, ReferencesAreSeenAndRecorded) {
  engine_->execute(std::vector{request("limit", 10, "r0")});
  const auto outcomes = engine_->execute(std::vector{request("a", 11, "r1"), request("a", 10, "r2")});
  EXPECT_EQ(outcomes[0].error.code, Code::kOutOfRange);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kCommitted);
  store::MemoryOutbox outbox(world_);
  const uint32_t shard = engine_->shard_of(ref<Account>("a"));
  ASSERT_TRUE(*outbox.lease(shard, "token", std::chrono::seconds(1)));
  const auto read = *outbox.read(shard, "token", 0, 100);
  exchange::v1::OutboxRecord record;
  ASSERT_TRUE(record.ParseFromString(read.entries.back().record));
  ASSERT_EQ(record.envelope().references_size(), 1);
  EXPECT_EQ(record.envelope().references(0).aggregate_id(), "limit");
  EXPECT_EQ(record.envelope().references(0).version(), stored("limit").version());
}

TEST_F(EngineTest, AnUnopenedShardIsUnavailable) {
  store::MemoryWorld closed(clock_, {"test", "bank", 4});
  store::MemoryStore store(closed);
  const auto outcomes = make_engine(store)->execute(std::vector{request("a", 1, "r1")});
  EXPECT_EQ(outcomes[0].error.code, Code::kUnavailable);
}

}  // namespace
}  // namespace tandem
