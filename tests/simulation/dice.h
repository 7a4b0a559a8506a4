// Every choice of a simulation comes from here, so that its seed replays it.
#pragma once

#include <cstdint>

#include "shared/base/ports.h"

namespace tandem::simulation {

class Dice : public SeededChance {
 public:
  using SeededChance::SeededChance;

  // 0 to bound - 1; bound is at least 1. (The bias of the remainder does not matter here.)
  uint64_t below(uint64_t bound) { return next() % bound; }
  // Both ends included.
  uint64_t between(uint64_t least, uint64_t most) { return least + below(most - least + 1); }
  // Once in n times; never for 0.
  bool one_in(uint64_t n) { return n != 0 && below(n) == 0; }
};

}  // namespace tandem::simulation
