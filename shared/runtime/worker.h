// What a service does all day, apart from gRPC: requests, consumed events and due timers become one batch for the
// engine; places are noted; published events are told to who waits. All on one thread, the caller's, by step(), so that
// the same code runs in a service, in tests without servers and in simulation.
//
// Before the subscription reads its first place, Engine::look_at_generations must have told of every shard: from then
// on a shard that was healed is noticed, and everything is read again from the places.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/service_definition.h"
#include "shared/aggregate/store.h"
#include "shared/bus/relay.h"
#include "shared/bus/subscription.h"
#include "shared/runtime/inbox.h"

namespace tandem::runtime {

struct WorkerOptions {
  size_t batch = 512;                              // commands
  std::chrono::milliseconds timer_interval{50};    // how often due timers are looked for
  std::chrono::milliseconds place_interval{1000};  // how often places are noted
  std::chrono::milliseconds fault_pause{100};      // before consumed events are tried again after a fault
  // Told of every command and what became of it.
  std::function<void(const Command&, const Outcome&)> on_outcome = [](const Command&, const Outcome&) {};
};

// What each target shard has noted, for bus::SubscriptionListener. UNAVAILABLE while one of them does not serve.
Result<std::vector<std::vector<Place>>> places_of_all(Store& store, uint32_t shards);

class Worker {
 public:
  Worker(const ServiceDefinition& definition, Engine& engine, Store& store, bus::Subscription& subscription,
         bus::Relay& relay, Clock& clock, WorkerOptions options = {});

  // One batch. Outcomes are those of `requests`, in order.
  std::vector<Outcome> step(std::vector<Command> requests);

  // When step() has to be called again at the latest.
  Tick next_step() const;
  // Consumed events wait that a step could apply now.
  bool busy() const;

  // Of these sources all that was applied is noted, and the rest forgotten: they are taken away.
  void hand_over(const std::set<Source>& sources);
  // They are read from their places from now on; marks are read anew.
  void assigned(const std::set<Source>& sources);
  // Also notices shards that were healed.
  Status write_places();

  // The most commands of a step.
  size_t batch() const { return options_.batch; }
  size_t pending() const { return inbox_.pending(); }
  // Consumed events and commands of them that wait.
  size_t waiting() const { return inbox_.pending() + subscription_.queued(); }
  // When the oldest event that was taken from the subscription and has not had its effects was recorded.
  std::optional<Instant> oldest_pending() const { return inbox_.oldest(); }

 private:
  void take_events();
  void add_timers(std::vector<Command>& batch);
  void note_outcomes(std::span<const Outcome> consumed);
  void read_again();
  void forget(const std::set<Source>& sources);

  Engine& engine_;
  Store& store_;
  bus::Subscription& subscription_;
  bus::Relay& relay_;
  Clock& clock_;
  WorkerOptions options_;
  Inbox inbox_;
  std::vector<Place> unwritten_;
  Tick next_timers_{};
  Tick next_places_{};
  Tick paused_until_{};
};

}  // namespace tandem::runtime
