// Does harm, of a kind, to whom chance says, and ends it. What was killed is started again, as a supervisor would.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "shared/base/ports.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {

// What was done, in words, and when the harm was over: what was killed begins to start, but for the broker, which has.
struct Strike {
  std::string what;
  std::chrono::steady_clock::time_point over;
};

struct FaultKind {
  std::string name;  // "kill a service"
  Strike (*strike)(World&, Chance&);
  bool needs_disks = false;
  bool needs_clocks = false;
};

const std::vector<FaultKind>& fault_kinds();

// All kinds by turns, in an order from the seed, so that even a short run has had most of them.
class Nemesis {
 public:
  // Only these kinds; throws std::invalid_argument if there is none.
  Nemesis(std::vector<FaultKind> kinds, uint64_t seed);
  const FaultKind& choose();

 private:
  std::vector<FaultKind> kinds_;
  std::vector<size_t> deck_;
  SeededChance chance_;
};

}  // namespace tandem::chaos
