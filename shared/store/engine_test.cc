// The engine on the in-memory store: batches, conflicts, request ids, marks, parking, timers.
#include "shared/aggregate/engine.h"

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/store/memory_store.h"

namespace tandem {
namespace {

using google::protobuf::Int32Value;
using google::protobuf::Int64Value;
using google::protobuf::StringValue;

// An account: adding moves its total, which must not go below zero nor above what the account "limit" has.
struct Account {
  using State = type::v1::Money;
  static constexpr std::string_view kType = "account";
  using Commands = Types<Int64Value, StringValue>;
  using Events = Types<Int32Value>;

  static Decision decide(const State& state, const Int64Value& add, const Context& context) {
    const auto* limit = context.find<Account>("limit");
    if (add.value() == 0) return nothing();
    if (state.minor_units() + add.value() < 0) {
      return reject(Code::kFailedPrecondition, "value", "is more than there is", "take less");
    }
    if (limit && state.minor_units() + add.value() > limit->minor_units()) {
      return reject(Code::kOutOfRange, "value", "is above the limit", "add less");
    }
    Int32Value event;
    event.set_value(static_cast<int32_t>(add.value()));
    return event;
  }
  // What the timer does: an account with exactly 100 is emptied.
  static Decision decide(const State& state, const StringValue&, const Context&) {
    Int32Value event;
    event.set_value(static_cast<int32_t>(-state.minor_units()));
    return event;
  }
  static void evolve(State& state, const Int32Value& event) {
    state.set_minor_units(state.minor_units() + event.value());
    state.set_currency("EUR");
  }
  static Indexes indexes(const State& state) { return {"o", {{"minor_units", std::to_string(state.minor_units())}}}; }
  static Timers timers(const State& state) {
    if (state.minor_units() != 100) return {};
    return {at(from_micros(5'000'000), "empty", StringValue())};
  }
  static References references(const Int64Value&) { return {ref<Account>("limit")}; }
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    registry_.add<Account>();
    world_.open_all();
    engine_ = make_engine(store_);
  }

  std::unique_ptr<Engine> make_engine(Store& store) {
    EngineOptions options;
    options.installation = "test";
    options.service = "bank";
    options.shards = 4;
    return std::make_unique<Engine>(registry_, store, clock_, chance_, options);
  }

  static Command add(const std::string& account, int64_t value) {
    Command command;
    command.target = ref<Account>(account);
    Int64Value message;
    message.set_value(value);
    command.message = std::make_shared<Int64Value>(message);
    return command;
  }
  static Command request(const std::string& account, int64_t value, const std::string& request_id) {
    Command command = add(account, value);
    command.cause.mutable_request()->set_request_id(request_id);
    command.cause.mutable_request()->set_fingerprint(account + std::to_string(value));
    return command;
  }
  static Command caused(const std::string& account, int64_t value, uint64_t n, uint64_t k = 1) {
    Command command = add(account, value);
    auto* cause = command.cause.mutable_event();
    cause->set_event_id("event-" + std::to_string(n));
    cause->mutable_mark()->set_service("shop");
    cause->mutable_mark()->set_number(n);
    cause->mutable_mark()->set_k(k);
    return command;
  }

  Instance stored(const std::string& account) {
    const AggregateRef of = ref<Account>(account);
    LoadBatch wanted;
    wanted.aggregates.emplace_back(engine_->shard_of(of), of);
    return *Instance::parse(registry_.find("account"), of, store_.load(wanted)->aggregates[0]);
  }
  int64_t total(const std::string& account) {
    return static_cast<const type::v1::Money&>(stored(account).state()).minor_units();
  }

  Registry registry_;
  ManualClock clock_{from_micros(1'000'000)};
  SeededChance chance_{7};
  store::MemoryWorld world_{clock_, {"test", "bank", 4}};
  store::MemoryStore store_{world_};
  std::unique_ptr<Engine> engine_;
};

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

TEST_F(EngineTest, AnUnopenedShardIsUnavailable) {
  store::MemoryWorld closed(clock_, {"test", "bank", 4});
  store::MemoryStore store(closed);
  const auto outcomes = make_engine(store)->execute(std::vector{request("a", 1, "r1")});
  EXPECT_EQ(outcomes[0].error.code, Code::kUnavailable);
}

}  // namespace
}  // namespace tandem
