// What a shard's log alone says: the events that a reader is entitled to see, and the state that they come to. An
// account of its own, beside the engine's and the healer's; it shares with them only the fold of one event.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/store.h"
#include "shared/bus/envelope.h"
#include "shared/bus/memory_log.h"

namespace tandem::simulation {

struct FoldedShard {
  std::vector<bus::EventRecord> events;  // n = 1, 2, 3, ...
  uint64_t generation = 0;
  std::map<AggregateRef, Stored> aggregates;
  std::map<Source, MarkValue> marks;
  std::map<std::string, std::set<std::string>> indexes;
  std::map<std::string, int64_t> timers;
  std::map<std::string, uint64_t> requests;  // number of their event
  // What can not be: gaps, marks that go back, ledgers that do not balance.
  std::vector<std::string> problems;
};

FoldedShard fold_log(const bus::MemoryBroker& broker, const Registry& registry, const std::string& service,
                     uint32_t shard);

}  // namespace tandem::simulation
