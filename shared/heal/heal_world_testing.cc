#include "shared/heal/heal_world_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/base/ids.h"

namespace tandem::heal {
namespace {

using google::protobuf::Int32Value;
using google::protobuf::Int64Value;
using google::protobuf::StringValue;

EngineOptions engine_options() {
  EngineOptions options;
  options.installation = "test";
  options.service = "bank";
  options.shards = kShards;
  return options;
}

bus::RelayOptions relay_options() {
  bus::RelayOptions options;
  options.service = "bank";
  options.shards = kShards;
  options.drain = std::chrono::milliseconds(0);
  return options;
}

HealingListener remember(std::vector<Error>& troubles) {
  HealingListener listener;
  listener.on_trouble = [&troubles](const Error& why) { troubles.push_back(why); };
  return listener;
}

Int32Value moved_by(int64_t amount) {
  Int32Value event;
  event.set_value(static_cast<int32_t>(amount));
  return event;
}

}  // namespace

Decision Account::decide(const State& state, const Int64Value& add, const Context&) {
  if (add.value() == 0) return nothing();
  if (state.minor_units() + add.value() < 0) {
    return reject(Code::kFailedPrecondition, "value", "is more than there is", "take less");
  }
  return moved_by(add.value());
}

Decision Account::decide(const State& state, const StringValue&, const Context&) {
  return moved_by(-state.minor_units());
}

void Account::evolve(State& state, const Int32Value& event) {
  state.set_minor_units(state.minor_units() + event.value());
  state.set_currency("EUR");
}

Indexes Account::indexes(const State& state) { return {"o", {{"minor_units", std::to_string(state.minor_units())}}}; }

Timers Account::timers(const State& state) {
  if (state.minor_units() != 100) return {};
  return {at(from_micros(2'000'000'000'000'000), "empty", StringValue())};
}

uint32_t shard_of_account(const std::string& account) { return shard_of(Account::kType, account, kShards); }

HealWorld::HealWorld() {
  registry.add<Account>();
  broker.create_topic(kTopic, kShards);
  broker.create_topic("tandem.bank.dead-letters", kShards);
  options.healer.installation = "test";
  options.healer.service = "bank";
  options.shards = kShards;
}

std::vector<std::string> HealWorld::read(uint32_t shard) const {
  std::vector<std::string> events;
  Replay replay("test", {});
  for (const bus::LogRecord& record : records(shard)) {
    const auto seen = replay.take(record);
    EXPECT_TRUE(seen.ok()) << to_line(seen.error());
    if (!seen.ok() || !seen->event) continue;
    const auto& envelope = seen->event->envelope;
    events.push_back(std::to_string(envelope.position().number()) + ":" + envelope.event_id());
  }
  return events;
}

std::vector<uint64_t> HealWorld::generations(uint32_t shard) const {
  std::vector<uint64_t> generations;
  Replay replay("test", {});
  for (const bus::LogRecord& record : records(shard)) {
    const auto seen = replay.take(record);
    if (seen.ok() && seen->fence) generations.push_back(replay.cursor().generation);
  }
  return generations;
}

Replica::Replica(HealWorld& world)
    : of(world),
      store(world.world),
      healing_store(world.world),
      outbox(world.world),
      engine(world.registry, store, world.clock, world.chance, engine_options()),
      relay(outbox, world.log, world.clock, world.chance, relay_options()),
      healing(healing_store, world.log, world.registry, world.clock, world.chance, world.options, remember(troubles)) {}

// Longer than it rests between two looks.
bool Replica::heal() {
  for (int steps = 0, still = 0; steps < 10'000; ++steps) {
    still = healing.step(std::chrono::milliseconds(0)) ? 0 : still + 1;
    if (still == 40) return true;
    of.clock.advance(std::chrono::milliseconds(10));
  }
  return false;
}

void Replica::publish() {
  for (int steps = 0, still = 0; steps < 1000 && still < 5; ++steps) {
    still = relay.step(std::chrono::milliseconds(0)) ? 0 : still + 1;
    of.clock.advance(std::chrono::milliseconds(300));
  }
}

Outcome Replica::request(const std::string& account, int64_t value, const std::string& request_id) {
  Command command;
  command.target = ref<Account>(account);
  Int64Value message;
  message.set_value(value);
  command.message = std::make_shared<Int64Value>(message);
  command.cause.mutable_request()->set_request_id(request_id);
  command.cause.mutable_request()->set_fingerprint(account + std::to_string(value));
  return engine.execute(std::vector{command}).at(0);
}

Outcome Replica::caused(const std::string& account, int64_t value, uint64_t n) {
  Command command;
  command.target = ref<Account>(account);
  Int64Value message;
  message.set_value(value);
  command.message = std::make_shared<Int64Value>(message);
  auto* cause = command.cause.mutable_event();
  cause->set_event_id("event-" + std::to_string(n));
  cause->mutable_mark()->set_service("shop");
  cause->mutable_mark()->set_number(n);
  cause->mutable_mark()->set_k(1);
  return engine.execute(std::vector{command}).at(0);
}

}  // namespace tandem::heal
