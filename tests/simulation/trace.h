// What happened in a history, line by line; and of a long one the few lines from which a person sees how it came to a
// violation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/bus/log.h"

namespace tandem::simulation {

struct TraceLine {
  enum class Kind {
    kHappens,
    kWork,      // a commit, or an event that the log got: most of a trace
    kFault,     // from outside
    kRecovery,  // a process starts, a shard is fenced and healed
    kPause,     // somebody begins or ends to wait; what others do meanwhile is one deeper
  };
  Kind kind = Kind::kHappens;
  uint64_t act = 0;
  int64_t millis = 0;  // of the clock
  int depth = 0;       // of pauses
  std::string what;

  bool operator==(const TraceLine&) const = default;
};

std::string to_text(const TraceLine& line);

// How the store of a service judged a commit, and what the log got: lines but for when. Of what is not an event or
// fence `what` is empty.
TraceLine line_of(const std::string& service, const Commit& commit, const CommitOutcome& outcome);
TraceLine line_of(const bus::LogRecord& record);

// At most `most` lines, in their order: the last ones about the event, aggregate or request that the violation names;
// then the last faults and recoveries of its services, and ones about its shards and replicas (work in them if it names
// nothing smaller); each with the pauses that it is in. Of a violation that names nothing, the last lines of all.
std::vector<std::string> excerpt(std::span<const TraceLine> trace, const std::string& violation, size_t most);

}  // namespace tandem::simulation
