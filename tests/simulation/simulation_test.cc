// That the simulator itself can be trusted: the same seed is the same history, and it does something. The histories
// that count are run by `make simulate`, optimised.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "shared/base/services.h"

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

TEST(SimulationTest, HistoriesHoldAndHaveFaultsAndDeals) {
  const size_t crm = std::find(kServices.begin(), kServices.end(), "crm") - kServices.begin();
  uint64_t faults = 0;
  uint64_t contracts = 0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    Simulation simulation(seed);
    for (const std::string& violation : simulation.run()) ADD_FAILURE() << "seed " << seed << ": " << violation;
    faults += simulation.counts().faults;
    for (const auto& [number, shard] : simulation.world(crm).shards()) {
      for (const auto& [ref, stored] : shard.aggregates) contracts += ref.type == "contract" ? 1 : 0;
    }
  }
  EXPECT_GT(faults, 100u);
  EXPECT_GT(contracts, 0u);
}

}  // namespace
}  // namespace tandem::simulation
