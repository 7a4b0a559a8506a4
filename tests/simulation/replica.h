// One process of a service: production's engine, relay, subscription and worker, put together as shared/runtime does it
// but for gRPC, with threads that are steps.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/service_definition.h"
#include "shared/bus/relay.h"
#include "shared/bus/subscription.h"
#include "shared/heal/shard_healing.h"
#include "shared/runtime/published_wait.h"
#include "shared/runtime/worker.h"
#include "tests/simulation/sim_log.h"
#include "tests/simulation/sim_ports.h"

namespace tandem::simulation {

class Simulation;

// A request as it reaches a replica. The answer goes to the clients by its number.
struct Ask {
  uint64_t operation = 0;
  Command command;
  bool published = false;  // the acknowledgement that is asked for
};

// The replica's clock: the world's, and how wrong it is.
class SkewedClock : public Clock {
 public:
  explicit SkewedClock(Clock& world) : world_(world) {}
  Instant now() override { return world_.now() + skew_; }
  Tick tick() override { return world_.tick(); }
  void skew(std::chrono::microseconds by) { skew_ += by; }

 private:
  Clock& world_;
  std::chrono::microseconds skew_{0};
};

class Replica {
 public:
  enum class Thread { kLoop, kRelay, kSubscription, kHealing };
  static constexpr size_t kThreads = 4;

  Replica(Simulation& simulation, size_t service, std::string name, const ServiceDefinition& definition);

  // One turn of a thread; true if something moved. Throws Crash where the process dies.
  bool step(Thread thread);
  // Ends as a service does: hands over what it has. Throws Crash.
  void stop();
  // What it is busy with, for people.
  std::string condition();
  // It is in the middle of a turn, and can not begin another.
  bool busy(Thread thread) const { return busy_[static_cast<size_t>(thread)]; }
  // It has nothing to do, and knows it.
  bool idle(Thread thread);
  bool in_use() const { return std::ranges::find(busy_, true) != busy_.end(); }
  void receive(Ask ask) { asked_.push_back(std::move(ask)); }

  const std::string& name() const { return name_; }
  size_t service() const { return service_; }
  const ServiceDefinition& definition() const { return definition_; }
  SkewedClock& clock() { return clock_; }

  // Set by the scheduler: the process is to die at its next call.
  bool doomed = false;
  // In the consumer group.
  std::string group;
  uint64_t member = 0;

 private:
  struct Waiting {
    Ask ask;
    type::v1::CommandResult result;
  };

  bool turn_loop();
  bool turn_relay();
  void run_mailbox();
  void answer(Ask ask, Outcome outcome);
  void answer_published(Waiting waiting);
  void published(uint32_t shard, uint64_t generation, uint64_t n);
  bus::SubscriptionListener subscription_listener();
  bus::RelayListener relay_listener();
  heal::HealingListener healing_listener();
  // The subscription asks the loop for something, and waits for it; not for ever: then it is done at the loop's next
  // turn.
  void call_loop(std::function<void()> task);

  Simulation& simulation_;
  const size_t service_;
  const std::string name_;
  const ServiceDefinition& definition_;
  SkewedClock clock_;
  SeededChance chance_;
  SimLog log_;
  SimStore store_;
  SimStore places_;  // the subscription's
  SimOutbox outbox_;
  SimHealing healing_store_;
  Engine engine_;
  heal::ShardHealing healing_;
  bus::Relay relay_;
  bus::Subscription subscription_;
  runtime::Worker worker_;
  runtime::PublishedWait<Waiting> waiting_;
  std::vector<std::function<void()>> mailbox_;
  std::vector<Ask> asked_;
  bool warm_ = false;
  std::array<bool, kThreads> busy_{};
};

}  // namespace tandem::simulation
