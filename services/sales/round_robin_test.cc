#include "services/sales/round_robin.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "shared/base/ports.h"

namespace tandem::sales {
namespace {

std::vector<Turn> members(const std::vector<std::int64_t>& weights) {
  std::vector<Turn> turns;
  for (const std::int64_t weight : weights) turns.push_back({weight, 0, Part::kIn, 0});
  return turns;
}

// Current weights as nginx writes them: in weights, not in parts of a lead.
std::vector<std::int64_t> in_weights(const std::vector<Turn>& turns, std::int64_t unit) {
  std::vector<std::int64_t> currents;
  const std::int64_t factor = unit / weight_of_all(turns);
  for (const Turn& turn : turns) {
    EXPECT_EQ(turn.current % factor, 0);
    currents.push_back(turn.current / factor);
  }
  return currents;
}

TEST(RoundRobin, NginxVector) {
  auto turns = members({5, 1, 1});
  std::int64_t unit = 0;
  std::string sequence;
  const std::vector<std::vector<std::int64_t>> after = {{-2, 1, 1},  {-4, 2, 2},  {1, -4, 3}, {-1, -3, 4},
                                                        {4, -2, -2}, {2, -1, -1}, {0, 0, 0}};
  for (const auto& expected : after) {
    sequence += "abc"[next_turn(turns, unit).value()];
    EXPECT_EQ(in_weights(turns, unit), expected) << sequence;
  }
  EXPECT_EQ(sequence, "aabacaa");
}

TEST(RoundRobin, StateReturnsToZeroAfterEachCycle) {
  SeededChance chance(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Turn> turns(2 + below(chance, 8));
    for (Turn& turn : turns) turn = {static_cast<std::int64_t>(1 + below(chance, 20)), 0, Part::kIn, 0};
    std::int64_t unit = 0;
    const std::int64_t cycle = weight_of_all(turns);
    for (std::int64_t i = 0; i < cycle; ++i) ASSERT_TRUE(next_turn(turns, unit).has_value());
    for (const Turn& turn : turns) EXPECT_EQ(turn.current, 0);
  }
}

TEST(RoundRobin, SharesOfMembersEquallyEligibleAreWithinOneOfTheIdeal) {
  SeededChance chance(11);
  for (int round = 0; round < 100; ++round) {
    std::vector<Turn> turns(2 + below(chance, 8));
    for (Turn& turn : turns) turn = {static_cast<std::int64_t>(1 + below(chance, 1000)), 0, Part::kIn, 0};
    std::vector<int> given(turns.size());
    std::int64_t unit = 0;
    const double all = static_cast<double>(weight_of_all(turns));
    for (int n = 1; n <= 1000; ++n) {
      ++given[next_turn(turns, unit).value()];
      for (std::size_t i = 0; i < turns.size(); ++i) {
        const double ideal = n * static_cast<double>(turns[i].weight) / all;
        ASSERT_LE(std::abs(given[i] - std::lround(ideal)), 1) << "member " << i << " after " << n;
        ASSERT_LT(given[i] - ideal, 1.0) << "nobody is ever a whole lead ahead";
      }
    }
  }
}

// With plain weights, b would get three leads for every two of a: a would always be chosen when three are there.
TEST(RoundRobin, WhoTakesPartMayChangeWithoutAnybodyPayingForIt) {
  auto turns = members({1, 1, 1});
  std::vector<int> given(3);
  std::int64_t unit = 0;
  for (int n = 0; n < 600; ++n) {
    turns[2].part = n % 2 == 0 ? Part::kIn : Part::kOut;
    ++given[next_turn(turns, unit).value()];
  }
  EXPECT_NEAR(given[0], 250, 1);
  EXPECT_NEAR(given[1], 250, 1);
  EXPECT_NEAR(given[2], 100, 1);
}

TEST(RoundRobin, RandomCompanyStaysWithinOneOfTheSumOfShares) {
  SeededChance chance(3);
  auto turns = members({5, 3, 3, 2, 1, 1, 4, 2});
  std::vector<int> given(turns.size());
  std::vector<double> ideal(turns.size());
  std::int64_t unit = 0;
  for (int n = 0; n < 5000; ++n) {
    for (Turn& turn : turns) turn.part = below(chance, 4) > 0 ? Part::kIn : Part::kOut;
    const double all = static_cast<double>(weight_of_all(turns));
    const auto chosen = next_turn(turns, unit);
    if (!chosen) continue;
    ++given[*chosen];
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (turns[i].part == Part::kIn) ideal[i] += static_cast<double>(turns[i].weight) / all;
      ASSERT_LE(std::abs(given[i] - std::lround(ideal[i])), 1) << "member " << i << " after " << n;
    }
  }
}

// odoo #259324: equal quota, small batches; the first of the list must not get the first lead of every batch.
TEST(RoundRobin, EqualWeightsInSmallBatchesStayEven) {
  auto turns = members({1, 1, 1});
  std::vector<int> given(3);
  std::int64_t unit = 0;
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<Turn> stored = turns;  // a batch begins with what the last one stored
    ++given[next_turn(stored, unit).value()];
    turns = stored;
  }
  EXPECT_EQ(given, (std::vector<int>{10, 10, 10}));
}

// odoo #118156.
TEST(RoundRobin, ZeroWeightsChooseNobodyAndChangeNothing) {
  auto turns = members({0, 0});
  std::int64_t unit = 0;
  EXPECT_FALSE(next_turn(turns, unit).has_value());
  EXPECT_EQ(unit, 0);
  std::vector<Turn> nobody;
  EXPECT_FALSE(next_turn(nobody, unit).has_value());
  auto one = members({0, 1});
  for (int n = 0; n < 10; ++n) EXPECT_EQ(next_turn(one, unit), 1U);
}

// A member is away for the middle third of 300 leads, of three members with equal weights.
std::vector<int> with_vacation(Part away) {
  auto turns = members({1, 1, 1});
  std::vector<int> given(3);
  std::int64_t unit = 0;
  for (int n = 0; n < 300; ++n) {
    turns[0].part = n >= 100 && n < 200 ? away : Part::kIn;
    ++given[next_turn(turns, unit).value()];
  }
  return given;
}

TEST(RoundRobin, VacationHeldGivesNoLeadsAfterwardsForIt) {
  const auto given = with_vacation(Part::kOut);
  EXPECT_NEAR(given[0], 67, 1);
  EXPECT_NEAR(given[1], 117, 1);
  EXPECT_NEAR(given[2], 117, 1);
}

TEST(RoundRobin, VacationCaughtUpEndsEven) {
  const auto given = with_vacation(Part::kKept);
  EXPECT_NEAR(given[0], 100, 1);
  EXPECT_NEAR(given[1], 100, 1);
  EXPECT_NEAR(given[2], 100, 1);
}

}  // namespace
}  // namespace tandem::sales
