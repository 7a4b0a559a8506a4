// That the simulator itself can be trusted: the same seed is the same history, and it does something. The histories
// that count are run by `make simulate`, optimised.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

namespace tandem::simulation {
namespace {

TEST(SimulationTest, TheSameSeedIsTheSameHistory) {
  Simulation once(7, true);
  Simulation again(7, true);
  EXPECT_EQ(once.run(), again.run());
  EXPECT_EQ(once.trace(), again.trace());
  EXPECT_GT(once.counts().events, 20u);
  EXPECT_EQ(once.counts().steps, again.counts().steps);
}

TEST(SimulationTest, HistoriesHoldAndHaveFaults) {
  uint64_t faults = 0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    Simulation simulation(seed);
    for (const std::string& violation : simulation.run()) ADD_FAILURE() << "seed " << seed << ": " << violation;
    faults += simulation.counts().faults;
  }
  EXPECT_GT(faults, 100u);
}

}  // namespace
}  // namespace tandem::simulation
