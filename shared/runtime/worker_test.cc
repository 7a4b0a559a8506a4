// What the loop's thread does, on the in-memory store and bus: here, what is late.
#include "shared/runtime/worker.h"

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/topics.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::runtime {
namespace {

using google::protobuf::Int64Value;
using google::protobuf::StringValue;
using sales::v1::LeadAccepted;

const Source kSource{"sales", 0};

// Counts the accepted leads of a member.
struct Tally {
  using State = Int64Value;
  static constexpr std::string_view kType = "tally";
  using Commands = Types<StringValue>;
  using Events = Types<StringValue>;

  static Decision decide(const State&, const StringValue& opportunity, const Context&) { return opportunity; }
  static void evolve(State& state, const StringValue&) { state.set_value(state.value() + 1); }
  static Indexes indexes(const State&) { return {"", {}}; }
};

ServiceDefinition tally_service() {
  Registry registry;
  registry.add<Tally>();
  Reactions reactions;
  reactions.on<LeadAccepted>(1, [](const LeadAccepted& e) -> Commands {
    StringValue command;
    command.set_value(e.opportunity());
    return to<Tally>(e.member(), command);
  });
  return {"sales", std::move(registry), Api("tandem.sales.v1.SalesService"), std::move(reactions)};
}

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    EXPECT_TRUE(engine_.look_at_generations().ok());
    bus_.store.set_fault_hook([this](const store::MemoryCall& call) {
      return redis_is_away_ && call.name == "load" ? store::Fault::kUnavailable : store::Fault::kNone;
    });
  }

  EngineOptions engine_options() {
    EngineOptions options;
    options.installation = "test";
    options.service = "sales";
    options.shards = 1;
    return options;
  }
  bus::SubscriptionOptions subscription_options() {
    bus::SubscriptionOptions options;
    options.installation = "test";
    options.service = "sales";
    options.sources = {"sales"};
    return options;
  }
  bus::SubscriptionListener listener() {
    bus::SubscriptionListener listener;
    listener.places = [this] { return places_of_all(places_, 1); };
    listener.on_assigned = [this](const std::set<Source>& sources) { assigned_ = sources; };
    return listener;
  }

  void accepted(uint64_t from, uint64_t to) {
    for (uint64_t n = from; n <= to; ++n) {
      LeadAccepted event;
      event.set_member("ana");
      event.set_opportunity("opportunity-" + std::to_string(n));
      ASSERT_TRUE(
          bus_.broker.append("tandem.sales.events", 0, bus::event_record(1, n, event.SerializeAsString())).ok());
    }
  }
  void turn() {
    subscription_.step(bus::Millis(0));
    worker_.step({});
    bus_.clock.advance(std::chrono::milliseconds(100));
  }
  // Three events are taken, and wait.
  void take_three_while_redis_is_away() {
    redis_is_away_ = true;
    accepted(1, 3);
    for (int i = 0; i < 3; i++) turn();
    ASSERT_EQ(worker_.pending(), 3u);
  }
  void two_more_when_redis_is_back() {
    redis_is_away_ = false;
    accepted(4, 5);
    for (int i = 0; i < 5; i++) turn();
  }
  int64_t tally() {
    LoadBatch batch;
    batch.aggregates = {{0, {"tally", "ana"}}};
    const auto loaded = places_.load(batch);
    exchange::v1::StoredAggregate stored;
    EXPECT_TRUE(loaded.ok() && stored.ParseFromString(loaded->aggregates[0].bytes));
    Int64Value state;
    EXPECT_TRUE(state.ParseFromString(stored.state()));
    return state.value();
  }

  ServiceDefinition definition_ = tally_service();
  bus::BusWorld bus_;
  store::MemoryStore places_{bus_.world};
  store::MemoryOutbox outbox_{bus_.world};
  bool redis_is_away_ = false;
  std::set<Source> assigned_;
  Engine engine_{definition_.registry, bus_.store, bus_.clock, bus_.chance, engine_options()};
  bus::Relay relay_{outbox_, bus_.log, bus_.clock, bus_.chance, bus_.options};
  bus::Subscription subscription_{bus_.log, bus_.clock, subscription_options(), listener()};
  Worker worker_{definition_, engine_, bus_.store, subscription_, relay_, bus_.clock};
};

TEST_F(WorkerTest, AppliesWhatIsConsumed) {
  accepted(1, 3);
  for (int i = 0; i < 5; i++) turn();
  EXPECT_EQ(tally(), 3);
}

// The loop stood still for longer than the subscription waits for it: when it hears of the assignment it already has
// events of it, which are delivered once only. The events that follow would set the mark above them.
TEST_F(WorkerTest, WhatALateAssignmentDropsIsReadAgain) {
  take_three_while_redis_is_away();
  ASSERT_EQ(assigned_, std::set<Source>{kSource});
  worker_.assigned(assigned_);
  EXPECT_EQ(worker_.pending(), 0u);
  two_more_when_redis_is_back();
  EXPECT_EQ(tally(), 5);
}

TEST_F(WorkerTest, WhatALateHandOverDropsIsReadAgain) {
  take_three_while_redis_is_away();
  worker_.hand_over({kSource});
  two_more_when_redis_is_back();
  EXPECT_EQ(tally(), 5);
}

}  // namespace
}  // namespace tandem::runtime
