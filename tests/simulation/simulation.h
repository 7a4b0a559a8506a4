// One history of a simulated company: all four services with several replicas each, on production's code over the
// in-memory twins, on one thread. A scheduler takes every choice from a seed: whose turn it is, what arrives, who dies
// in the middle of a call, what is lost. In the end the faults stop, things settle, and the invariants are checked.
//
// Interleaving without coroutines: at every call of a port others may act before it goes on, to any depth, so a turn
// may be paused anywhere where it waits for the world, for as long as it takes. A process dies by an exception that
// such a call throws.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/aggregate/service_definition.h"
#include "shared/base/ports.h"
#include "shared/bus/memory_log.h"
#include "shared/store/memory_store.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/company.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/profile.h"
#include "tests/simulation/replica.h"
#include "tests/simulation/sim_log.h"
#include "tests/simulation/trace.h"
#include "tests/simulation/witness.h"

namespace tandem::simulation {

inline constexpr char kInstallation[] = "simulation";
inline constexpr std::chrono::milliseconds kLease{300};

// Before the upgrade and after it: then one service has one more reaction, in the middle of an event's list.
struct Definitions {
  std::vector<ServiceDefinition> before;
  std::vector<ServiceDefinition> after;
  size_t upgraded = 0;  // the service
  std::string event;    // the event's type
};
const Definitions& definitions();

// Thrown where a process dies.
struct Crash {};

struct Counts {
  uint64_t steps = 0;  // calls of ports
  uint64_t faults = 0;
  uint64_t commits = 0;
  uint64_t events = 0;  // in the logs at the end
  uint64_t heals = 0;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed, bool tracing = false);
  ~Simulation();
  Simulation(const Simulation&) = delete;

  // The whole history; what was violated, in words. Once.
  std::vector<std::string> run();
  const Counts& counts() const { return counts_; }
  const std::vector<TraceLine>& trace() const { return trace_; }
  // What had happened when the first violation was seen.
  std::span<const TraceLine> trace_to_violation() const {
    return std::span(trace_).first(seen_at_.value_or(trace_.size()));
  }

  // What the parts have in common.
  Dice& dice() { return dice_; }
  ManualClock& clock() { return clock_; }
  bus::MemoryBroker& broker() { return broker_; }
  Network& network() { return network_; }
  store::MemoryWorld& world(size_t service) { return *worlds_[service]; }
  const store::MemoryWorld& world(size_t service) const { return *worlds_[service]; }
  Witness& witness() { return witness_; }
  const Witness& witness() const { return witness_; }
  const bus::MemoryBroker& broker() const { return broker_; }
  Instant now() const { return const_cast<ManualClock&>(clock_).now(); }
  const Profile& profile() const { return profile_; }
  uint32_t shards() const { return profile_.shards; }
  bool quiet() const { return quiet_; }
  // A replica that runs; null if the service has none just now.
  Replica* some_replica(size_t service);
  // Of an aggregate as it is stored now; null if there is none.
  const Stored* stored(size_t service, const AggregateRef& ref) const;

  // The ports' side.
  void await(Replica& replica, std::string_view call, bool after);
  store::Fault store_fault(Replica& replica, const store::MemoryCall& call);
  void committed(Replica& replica, std::span<const Commit> batch, std::span<const CommitOutcome> outcomes);
  bool queue_full() { return !quiet_ && dice_.one_in(200); }
  bool hears_nothing() { return !quiet_ && dice_.one_in(3); }
  bool held_up() { return !quiet_ && dice_.one_in(8); }
  bool call_is_slow() { return !quiet_ && profile_.slow_calls && dice_.one_in(4); }
  void outlive(std::unique_ptr<bus::LogReader> reader);
  void joined(Replica& replica, const std::string& group);
  void healed(const Replica& replica, uint32_t shard, uint64_t generation, uint64_t folded);
  void alarm(const Replica& replica, const Error& error);
  void answered(Replica& replica, uint64_t operation, const Outcome& outcome);

  bool tracing() const { return tracing_; }
  void note(std::string what, TraceLine::Kind kind = TraceLine::Kind::kHappens);
  void note(TraceLine line);

 private:
  struct Slot {
    size_t service = 0;
    std::unique_ptr<Replica> replica;
    uint64_t back_at = 0;  // act
    uint64_t lives = 0;
  };
  struct Ghost {  // the reader of a process that died
    std::unique_ptr<bus::LogReader> reader;
    uint64_t gone_at = 0;  // act
  };

  // A Redis that will come back as it was then.
  struct Loss {
    uint64_t at = 0;     // act
    bool whole = false;  // nothing is lost
    store::MemoryWorld::Shards shards;
  };

  void set_up();
  void act();
  void interlude(const Replica& replica);
  Slot& slot_of(const Replica& replica);
  void turn(Slot& slot, Replica::Thread thread, bool& moved);
  void start(Slot& slot);
  void bury(Slot& slot);
  void expire_ghosts(bool all);
  // Until nothing has moved for more than so many rounds.
  bool settle(int still_rounds);
  void rest();
  void violated(std::string what);

  // faults.cc
  void fault();
  void kill(Slot& slot);
  void restart_gracefully(Slot& slot);
  void expire_session(Slot& slot);
  void redis_will_lose(size_t service);
  void redis_loses(size_t service);
  bool redis_loses_now(const Replica& replica, std::string_view call, bool after);
  void hasten(size_t service);
  void heal_at_once(size_t service);
  void look_at_plans();
  void rebalance_before(Loss& loss, size_t service);

  const bool tracing_;
  Dice dice_;
  const Profile profile_;
  ManualClock clock_;
  bus::MemoryBroker broker_;
  Network network_;
  std::vector<std::unique_ptr<store::MemoryWorld>> worlds_;
  Witness witness_;
  Clients clients_;
  std::vector<Slot> slots_;
  std::deque<Ghost> ghosts_;
  bool quiet_ = true;
  int depth_ = 0;
  uint64_t acts_ = 0;
  // Who acts, of all replicas.
  struct Focus {
    size_t service = kCompany;  // only this one's
    Slot* replica = nullptr;    // only this one
  };
  Focus focus_;
  std::array<uint64_t, kCompany> away_until_{};
  std::map<size_t, Loss> losses_;
  Counts counts_;
  std::vector<std::string> violations_;
  std::vector<TraceLine> trace_;
  std::optional<size_t> seen_at_;  // length of the trace at the first violation
};

// A call of a port: before it and after it others may act, and the process may die. (Macro-free: the call is the
// function given.)
template <class F>
auto at_await(Simulation& simulation, Replica& replica, std::string_view name, F call) {
  simulation.await(replica, name, false);
  auto answer = call();
  simulation.await(replica, name, true);
  return answer;
}

}  // namespace tandem::simulation
