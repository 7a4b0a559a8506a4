// For tests of healing: two states of a service's data in memory.
#pragma once

#include "shared/store/memory_world.h"

namespace tandem::store::testing {

// Says with GoogleTest where what can be rebuilt from the log differs: everything but places, timers that had nothing
// to do, and replies to requests that led to no event. Replies are compared without the generation.
void expect_same_data(const MemoryWorld::Shards& a, const MemoryWorld::Shards& b);

}  // namespace tandem::store::testing
