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
    kFault,  // from outside
    kPause,  // somebody begins or ends to wait; what others do meanwhile is one deeper
  };
  Kind kind = Kind::kHappens;
  uint64_t act = 0;
  int64_t millis = 0;  // of the clock
  int depth = 0;       // of pauses
  std::string what;

  bool operator==(const TraceLine&) const = default;
};

std::string to_text(const TraceLine& line);

// How the store of a service judged a commit, and what the log got, in words. Nothing of what is not an event or fence.
std::string in_words(const std::string& service, const Commit& commit, const CommitOutcome& outcome);
std::string in_words(const bus::LogRecord& record);

// At most `most` lines, in their order: the last ones about the event, aggregate or request that the violation names;
// then the last ones about its shards and replicas, and faults of its services; each with the pauses that it is in. Of
// a violation that names nothing, the last lines of all.
std::vector<std::string> excerpt(std::span<const TraceLine> trace, const std::string& violation, size_t most);

}  // namespace tandem::simulation
