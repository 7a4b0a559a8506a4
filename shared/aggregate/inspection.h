// What a rebuild needs of a store: to look at a shard whole while it serves, and to put single aggregates right. Two
// implementations, Redis (shared/store/redis_inspection.h) and memory (shared/store/memory_inspection.h).
//
// Used by one thread. Errors are UNAVAILABLE.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"

namespace tandem {

// All that a shard holds of an aggregate.
struct AggregateDump {
  Stored stored;                                          // empty: nothing but the rest
  std::set<std::pair<std::string, std::string>> indexes;  // index, order
  std::map<std::string, Instant> timers;                  // name -> due

  bool operator==(const AggregateDump&) const = default;
};

// A shard, read while it serves: each aggregate is of some moment between the numbers; what is newer may be missing.
struct ShardDump {
  bool reconciled = false;
  uint64_t number_before = 0;
  uint64_t number_after = 0;
  std::map<AggregateRef, AggregateDump> aggregates;
  std::map<std::string, Reply> requests;
};

// What is asked of one aggregate: its state, and whether it has these entries and timers.
struct Look {
  AggregateRef ref;
  std::set<std::pair<std::string, std::string>> indexes;  // index, order
  std::set<std::string> timers;
};

class Inspection {
 public:
  virtual ~Inspection() = default;

  virtual Result<ShardDump> dump(uint32_t shard) = 0;
  virtual Result<std::map<Source, MarkValue>> marks(uint32_t shard) = 0;
  // One aggregate, in one step: its state, and whether it has these entries and timers.
  virtual Result<AggregateDump> look(uint32_t shard, const AggregateRef& ref,
                                     const std::set<std::pair<std::string, std::string>>& indexes,
                                     const std::set<std::string>& timers) = 0;
  // Several of these, each in one step of its own; in one pipeline where there are pipelines.
  virtual Result<std::vector<AggregateDump>> look_all(uint32_t shard, std::span<const Look> looks) {
    std::vector<AggregateDump> found;
    for (const Look& one : looks) {
      auto dump = look(shard, one.ref, one.indexes, one.timers);
      if (!dump.ok()) return dump.error();
      found.push_back(std::move(*dump));
    }
    return found;
  }
  // Entries of the outbox after `after`, and the number of the shard's last event, in one step.
  virtual Result<std::pair<uint64_t, std::vector<OutboxEntry>>> outbox(uint32_t shard, uint64_t after,
                                                                       uint32_t limit) = 0;
  // Takes an aggregate from what `found` says to what `right` says. False, and nothing is done, if its state is another
  // one by now, or the shard does not serve.
  virtual Result<bool> mend(uint32_t shard, const AggregateRef& ref, const AggregateDump& found,
                            const AggregateDump& right) = 0;
};

}  // namespace tandem
