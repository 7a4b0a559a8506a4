#include "shared/base/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "shared/base/ids.h"
#include "shared/base/ports.h"

namespace tandem {
namespace {

using Parts = std::vector<std::int64_t>;

// Tie keys in the order of the parts.
Parts parts_of(std::int64_t total, const Parts& weights) {
  std::vector<std::uint64_t> keys(weights.size());
  std::iota(keys.begin(), keys.end(), std::uint64_t{1});
  return split_largest_remainder(total, weights, keys).value();
}

// Sums in cents and the parts that they must give.
TEST(Split, GoldenVectors) {
  EXPECT_EQ(parts_of(9'999, {75, 25}), (Parts{7'499, 2'500}));
  EXPECT_EQ(parts_of(1'003, {49, 51}), (Parts{491, 512}));
  EXPECT_EQ(parts_of(22'000, {445'455, 9'091, 545'455}), (Parts{9'800, 200, 12'000}));
  EXPECT_EQ(parts_of(12'000, {33'333, 66'667}), (Parts{4'000, 8'000}));
  EXPECT_EQ(parts_of(12'000, {66'667, 33'333}), (Parts{8'000, 4'000}));
  EXPECT_EQ(parts_of(1'001, {50, 50}), (Parts{501, 500}));
  EXPECT_EQ(parts_of(-9'999, {75, 25}), (Parts{-7'499, -2'500}));
}

TEST(Split, TheSmallerTieKeyGetsTheOddCent) {
  const Parts weights{50, 50};
  EXPECT_EQ(split_largest_remainder(1'001, weights, std::vector<std::uint64_t>{9, 4}).value(), (Parts{500, 501}));
  EXPECT_EQ(split_largest_remainder(-1'001, weights, std::vector<std::uint64_t>{9, 4}).value(), (Parts{-500, -501}));
  EXPECT_EQ(split_largest_remainder(1'001, weights, std::vector<std::uint64_t>{4, 4}).value(), (Parts{501, 500}));
}

TEST(Split, TiesByHashAreFair) {
  std::map<std::string, int> odd_cents;
  for (int deal = 0; deal < 2'000; ++deal) {
    const std::string id = "deal-" + std::to_string(deal);
    const std::vector<std::uint64_t> keys{stable_hash({id, "ana"}), stable_hash({id, "ben"})};
    const Parts parts = split_largest_remainder(1'001, Parts{50, 50}, keys).value();
    ++odd_cents[parts[0] == 501 ? "ana" : "ben"];
  }
  EXPECT_NEAR(odd_cents["ana"], 1'000, 100);
}

TEST(Split, EdgesOfTheRange) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(parts_of(kMin, {1}), (Parts{kMin}));
  EXPECT_EQ(parts_of(kMax, {kMax, kMax}), (Parts{kMax / 2 + 1, kMax / 2}));
  EXPECT_EQ(parts_of(0, {1, 2}), (Parts{0, 0}));
  EXPECT_EQ(parts_of(1, {0, 1, 0}), (Parts{0, 1, 0}));
  EXPECT_EQ(parts_of(2, {1, 1, 1}), (Parts{1, 1, 0}));
}

TEST(Split, RefusesWhatCannotBeSplit) {
  const std::vector<std::uint64_t> two{1, 2};
  EXPECT_EQ(split_largest_remainder(1, Parts{}, {}).code(), Code::kInvalidArgument);
  EXPECT_EQ(split_largest_remainder(1, Parts{0, 0}, two).code(), Code::kInvalidArgument);
  EXPECT_EQ(split_largest_remainder(1, Parts{1}, two).code(), Code::kInvalidArgument);
  const auto negative = split_largest_remainder(1, Parts{5, -1}, two);
  ASSERT_EQ(negative.code(), Code::kInvalidArgument);
  EXPECT_EQ(negative.error().violations.front().field, "weights[1]");
}

struct Case {
  std::int64_t total;
  Parts weights;
  std::vector<std::uint64_t> keys;
};

Case random_case(Chance& chance) {
  Case c;
  c.total = static_cast<std::int64_t>(chance.next()) >> below(chance, 63);
  const std::uint64_t count = 1 + below(chance, 9);
  const std::uint64_t limit = below(chance, 2) == 0 ? 4 : 1'000'000;  // small ones make ties
  for (std::uint64_t i = 0; i < count; ++i) {
    c.weights.push_back(static_cast<std::int64_t>(below(chance, limit)));
    c.keys.push_back(chance.next());
  }
  c.weights.back() += 1;
  return c;
}

TEST(SplitProperty, PartsSumToTheWholeAndARefundMirrorsItsSale) {
  SeededChance chance(11);
  for (int i = 0; i < 4'000; ++i) {
    const Case c = random_case(chance);
    const Parts parts = split_largest_remainder(c.total, c.weights, c.keys).value();
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), c.total);
    Parts refund = split_largest_remainder(-c.total, c.weights, c.keys).value();
    for (std::int64_t& part : refund) part = -part;
    EXPECT_EQ(refund, parts);
  }
}

TEST(SplitProperty, EveryPartIsWithinOneUnitOfItsShare) {
  SeededChance chance(12);
  for (int i = 0; i < 4'000; ++i) {
    const Case c = random_case(chance);
    const Parts parts = split_largest_remainder(c.total, c.weights, c.keys).value();
    const auto sum = static_cast<long double>(std::accumulate(c.weights.begin(), c.weights.end(), std::int64_t{0}));
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const long double share = static_cast<long double>(c.total) * static_cast<long double>(c.weights[p]) / sum;
      EXPECT_LE(std::abs(static_cast<long double>(parts[p]) - share), 1.01L);
      if (c.weights[p] == 0) {
        EXPECT_EQ(parts[p], 0);
      }
    }
  }
}

TEST(SplitProperty, OrderDoesNotMatter) {
  SeededChance chance(13);
  for (int i = 0; i < 4'000; ++i) {
    const Case c = random_case(chance);
    const Parts parts = split_largest_remainder(c.total, c.weights, c.keys).value();
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t n = order.size(); n > 1; --n) std::swap(order[n - 1], order[below(chance, n)]);
    Case shuffled{c.total, {}, {}};
    Parts expected;
    for (const std::size_t at : order) {
      shuffled.weights.push_back(c.weights[at]);
      shuffled.keys.push_back(c.keys[at]);
      expected.push_back(parts[at]);
    }
    EXPECT_EQ(split_largest_remainder(shuffled.total, shuffled.weights, shuffled.keys).value(), expected);
  }
}

}  // namespace
}  // namespace tandem
