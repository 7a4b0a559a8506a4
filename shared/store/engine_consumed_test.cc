// The engine and consumed events: marks, redelivery, parking.
#include "shared/store/engine_testing.h"

namespace tandem {
namespace {

using namespace testing;  // NOLINT: the words of the tests

TEST_F(EngineTest, ALostReplyOfAConsumedCommandIsSettledByTheMark) {
  bool lost = false;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    return call.name == "commit" && !std::exchange(lost, true) ? store::Fault::kReplyLost : store::Fault::kNone;
  });
  const auto outcomes = engine_->execute(std::vector{caused("a", 5, 1), caused("a", 1, 2)});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(total("a"), 6);
}

TEST_F(EngineTest, ARedeliveredEventChangesNothing) {
  engine_->execute(std::vector{caused("a", 5, 1), caused("a", 1, 2)});
  auto other = make_engine(store_);
  const auto outcomes = other->execute(std::vector{caused("a", 5, 1), caused("a", 1, 2), caused("a", 7, 3)});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[2].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 13);
}

TEST_F(EngineTest, AReplicaThatLostItsPartitionDoesNotApplyTwice) {
  engine_->execute(std::vector{caused("a", 5, 1)});  // this replica knows mark 1
  store::MemoryStore rival_store(world_);
  make_engine(rival_store)->execute(std::vector{caused("a", 1, 2), caused("a", 1, 3)});
  const auto outcomes = engine_->execute(std::vector{caused("a", 1, 2), caused("a", 1, 3), caused("a", 1, 4)});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(outcomes[2].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 8);
}

TEST_F(EngineTest, ARejectedConsumedCommandIsParkedAndThoseBehindItWait) {
  const auto outcomes =
      engine_->execute(std::vector{caused("a", -5, 1), caused("a", 7, 2), caused("b", 1, 3), request("a", 2, "r1")});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kParked);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kParked) << "behind the first";
  EXPECT_EQ(outcomes[2].kind, Outcome::Kind::kCommitted) << "others flow on";
  EXPECT_EQ(outcomes[3].kind, Outcome::Kind::kCommitted) << "requests flow on";
  const Instance a = stored("a");
  ASSERT_EQ(a.parked().size(), 2);
  EXPECT_EQ(a.parked().Get(0).reason().field(), "value");
  EXPECT_EQ(a.parked().Get(0).command_type(), "google.protobuf.Int64Value");
  EXPECT_EQ(total("a"), 2);
}

TEST_F(EngineTest, ParkedCommandsAreTakenInOrderAndOnce) {
  engine_->execute(std::vector{caused("a", -5, 1), caused("a", 7, 2)});
  const std::string first = stored("a").parked().Get(0).id();
  const std::string second = stored("a").parked().Get(1).id();
  const auto unpark = [&](const std::string& id, const std::string& request_id, bool discard) {
    Command command = request("a", 0, request_id);
    command.message = nullptr;
    command.unpark = Command::Unpark{id, discard, discard ? "not wanted" : ""};
    return engine_->execute(std::vector{command})[0];
  };
  EXPECT_EQ(unpark(second, "u1", false).error.code, Code::kFailedPrecondition) << "not the first";
  EXPECT_EQ(unpark(first, "u2", false).error.code, Code::kFailedPrecondition) << "the rule still says no";
  engine_->execute(std::vector{request("a", 6, "more")});
  EXPECT_EQ(unpark(first, "u3", false).kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 1);
  EXPECT_EQ(unpark(first, "u3", false).kind, Outcome::Kind::kDuplicate);
  EXPECT_EQ(unpark(second, "u4", true).kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 1);
  EXPECT_TRUE(stored("a").parked().empty());
  EXPECT_EQ(engine_->execute(std::vector{caused("a", 3, 3)})[0].kind, Outcome::Kind::kCommitted);
}

TEST_F(EngineTest, ARoutineRejectionMovesOnlyTheMark) {
  Command command = caused("a", -5, 1);
  command.ignorable = {Code::kFailedPrecondition};
  EXPECT_EQ(engine_->execute(std::vector{command})[0].kind, Outcome::Kind::kIgnored);
  EXPECT_FALSE(stored("a").exists());
  EXPECT_EQ(engine_->execute(std::vector{command})[0].kind, Outcome::Kind::kDuplicate);
}

TEST_F(EngineTest, AnUndecodableEventIsParkedWhole) {
  Command command = caused("x", 0, 1);
  command.target = {std::string(kUndecodable), "subject-1"};
  command.message = nullptr;
  command.undecodable = "not a protobuf";
  EXPECT_EQ(engine_->execute(std::vector{command})[0].kind, Outcome::Kind::kParked);
  LoadBatch wanted;
  wanted.aggregates.emplace_back(engine_->shard_of(command.target), command.target);
  auto parsed = Instance::parse(nullptr, command.target, store_.load(wanted)->aggregates[0]);
  ASSERT_EQ(parsed->parked().size(), 1);
  EXPECT_EQ(parsed->parked().Get(0).payload(), "not a protobuf");
}

TEST_F(EngineTest, AFailureInTheMiddleIsNotLeaptOver) {
  int commits = 0;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    return call.name == "commit" && commits++ == 0 ? store::Fault::kUnavailable : store::Fault::kNone;
  });
  auto outcomes = engine_->execute(std::vector{caused("a", 5, 1), caused("a", 1, 2)});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kFailed);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kFailed);
  outcomes = engine_->execute(std::vector{caused("a", 5, 1), caused("a", 1, 2)});
  EXPECT_EQ(outcomes[0].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(outcomes[1].kind, Outcome::Kind::kCommitted);
  EXPECT_EQ(total("a"), 6);
}

TEST_F(EngineTest, WhatIsParkedAfterALostRaceIsWithoutTheReferencesOfBefore) {
  store::MemoryStore rival_store(world_);
  auto rival = make_engine(rival_store);
  bool done = false;
  store_.set_fault_hook([&](const store::MemoryCall& call) {
    if (call.name == "commit" && !std::exchange(done, true)) rival->execute(std::vector{caused("a", -5, 1)});
    return store::Fault::kNone;
  });
  EXPECT_EQ(engine_->execute(std::vector{caused("a", 5, 2)})[0].kind, Outcome::Kind::kParked);
  EXPECT_EQ(stored("a").parked().size(), 2);
}

TEST_F(EngineTest, AReferenceOfWhichOnlyParkedCommandsAreThereDoesNotExist) {
  engine_->execute(std::vector{caused("limit", -5, 1)});
  ASSERT_EQ(stored("limit").parked().size(), 1);
  EXPECT_EQ(engine_->execute(std::vector{request("a", 11, "r1")})[0].kind, Outcome::Kind::kCommitted);
}

}  // namespace
}  // namespace tandem
