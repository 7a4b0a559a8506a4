// What the tests of the engine share: an engine on the in-memory store, and an aggregate with few rules.
#pragma once

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

namespace tandem::testing {

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

}  // namespace tandem::testing
