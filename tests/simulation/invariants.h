// What must hold when the faults are over and nothing moves any more.
#pragma once

#include <string>
#include <vector>

namespace tandem::simulation {

class Simulation;
struct Counts;

// What does not hold, in words; empty if all is well.
std::vector<std::string> check_invariants(const Simulation& simulation, Counts& counts);

}  // namespace tandem::simulation
