// A bank on the in-memory twins, for tests of healing: accounts to which amounts are added, by requests and by events
// of a shop. Redis can be restarted, set back or emptied, and every replica has a healing, a relay and an engine of its
// own.
#pragma once

#include <google/protobuf/wrappers.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/bus/memory_log.h"
#include "shared/bus/relay.h"
#include "shared/heal/shard_healing.h"
#include "shared/store/memory_healing.h"
#include "shared/store/memory_store.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::heal {

inline constexpr uint32_t kShards = 2;
inline constexpr char kTopic[] = "tandem.bank.events";

// Adding moves the total, which must not go below zero. One with exactly 100 has a timer.
struct Account {
  using State = type::v1::Money;
  static constexpr std::string_view kType = "account";
  using Commands = Types<google::protobuf::Int64Value, google::protobuf::StringValue>;
  using Events = Types<google::protobuf::Int32Value>;

  static Decision decide(const State& state, const google::protobuf::Int64Value& add, const Context&);
  static Decision decide(const State& state, const google::protobuf::StringValue&, const Context&);
  static void evolve(State& state, const google::protobuf::Int32Value& event);
  static Indexes indexes(const State& state);
  static Timers timers(const State& state);
};

struct HealWorld {
  HealWorld();

  // Every event of a partition by the reader's rule: "number:event id". A failure of the test at a gap.
  std::vector<std::string> read(uint32_t shard) const;
  // Counting fences of a partition.
  std::vector<uint64_t> generations(uint32_t shard) const;
  std::vector<bus::LogRecord> records(uint32_t shard) const { return broker.records(kTopic, shard); }

  ManualClock clock{from_micros(1'790'000'000'000'000)};
  SeededChance chance{7};
  Registry registry;
  store::MemoryWorld world{clock, {"test", "bank", kShards}};
  bus::MemoryBroker broker;
  bus::MemoryLog log{broker};
  HealingOptions options;
};

struct Replica {
  explicit Replica(HealWorld& of);

  // Steps the healing until it has nothing to do for now; false if that does not come.
  bool heal();
  // Steps the relay until all is published.
  void publish();
  Outcome request(const std::string& account, int64_t value, const std::string& request_id);
  Outcome caused(const std::string& account, int64_t value, uint64_t n);

  HealWorld& of;
  store::MemoryStore store;
  store::MemoryHealing healing_store;
  store::MemoryOutbox outbox;
  Engine engine;
  bus::Relay relay;
  std::vector<Error> troubles;
  ShardHealing healing;
};

// Where the account lives.
uint32_t shard_of_account(const std::string& account);

}  // namespace tandem::heal
