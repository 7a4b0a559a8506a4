// Consumed events on their way to become effects: event -> reactions -> commands -> engine -> places.
//
// Events of a source are kept in order until all their commands have their outcome. What fails for a reason that will
// pass is given to the engine again, in order; nothing of the same source leaps over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/reactions.h"
#include "shared/aggregate/store.h"
#include "shared/bus/subscription.h"

namespace tandem::runtime {

class Inbox {
 public:
  explicit Inbox(const Reactions& reactions) : reactions_(reactions) {}

  void add(const bus::ConsumedEvent& event);
  // Appends commands that have no outcome yet, in order, until the batch has `limit`.
  void collect(std::vector<Command>& batch, size_t limit);
  // Outcomes of what the last collect() appended, in the same order.
  void settle(std::span<const Outcome> outcomes);

  // Sources whose mark went back since the last call: they must be read again from their places.
  std::set<Source> take_rewinds();
  // Forgets what was not applied of these sources. Those of which there was something.
  std::set<Source> drop(const std::set<Source>& sources);
  void drop_all();

  // Where each source goes on; up to there all has had its effect. Those that moved since the last call.
  std::vector<Place> take_progress();
  size_t pending() const { return pending_; }
  // When the oldest of the events that wait for their outcome was recorded.
  std::optional<Instant> oldest() const;
  // A fault that will pass came back in the last settle(): wait a little.
  bool faulty() const { return faulty_; }

 private:
  struct Event {
    bus::Cursor next;
    Instant recorded;
    std::vector<Command> commands;
    std::vector<bool> done;
    size_t open = 0;
  };
  struct Collected {
    Source source;
    size_t event = 0;  // position in the source's queue
    size_t command = 0;
  };

  std::vector<Command> commands_of(const bus::ConsumedEvent& event) const;
  void advance(const Source& source);

  const Reactions& reactions_;
  std::map<Source, std::deque<Event>> queues_;
  std::vector<Collected> collected_;
  std::set<Source> rewinds_;
  std::map<Source, Place> progress_;
  size_t pending_ = 0;
  bool faulty_ = false;
};

}  // namespace tandem::runtime
