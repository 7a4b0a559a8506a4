// A journal entry under its own id, so that any cent of commission can be looked up and followed back: the entry names
// its deal and the event that caused it.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/incentives/v1/commands.pb.h"
#include "tandem/incentives/v1/events.pb.h"

namespace tandem::incentives {

struct Entry {
  using State = v1::Entry;
  static constexpr std::string_view kType = "entry";
  using Commands = Types<v1::RecordEntry>;
  using Events = Types<v1::EntryRecorded>;

  // Nothing where it is known: an entry never changes.
  static Decision decide(const State& state, const v1::RecordEntry& command, const Context& context);
  static void evolve(State& state, const v1::EntryRecorded& event);
  static Indexes indexes(const State& state);
};

}  // namespace tandem::incentives
