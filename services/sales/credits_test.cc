#include "services/sales/credits.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"

namespace tandem::sales {
namespace {

Splits shares(const std::vector<std::pair<std::string, uint32_t>>& parts) {
  Splits splits;
  for (const auto& [payee, share] : parts) {
    auto& split = *splits.Add();
    split.set_payee(payee);
    split.set_share_bp(share);
  }
  return splits;
}

std::vector<int64_t> credits(const Splits& splits) {
  std::vector<int64_t> minor;
  for (const auto& split : splits) minor.push_back(split.credit().minor_units());
  return minor;
}

std::vector<int64_t> credited(int64_t amount, Splits splits) {
  EXPECT_TRUE(credit(splits, {amount, "EUR"}, "deal-1").ok());
  return credits(splits);
}

// Sums in cents and the parts that they must give.
TEST(Credits, LargestRemainderVectors) {
  EXPECT_EQ(credited(9999, shares({{"ana", 7500}, {"ben", 2500}})), (std::vector<int64_t>{7499, 2500}));
  EXPECT_EQ(credited(1003, shares({{"ana", 4900}, {"ben", 5100}})), (std::vector<int64_t>{491, 512}));
  EXPECT_EQ(credited(9999, shares({{"ana", 10000}})), (std::vector<int64_t>{9999}));
  EXPECT_EQ(credited(0, shares({{"ana", 5000}, {"ben", 5000}})), (std::vector<int64_t>{0, 0}));
}

TEST(Credits, TheOddCentGoesByDealAndNotAlwaysToTheSame) {
  int ana = 0;
  for (int deal = 0; deal < 1000; ++deal) {
    Splits splits = shares({{"ana", 5000}, {"ben", 5000}});
    ASSERT_TRUE(credit(splits, {1001, "EUR"}, "deal-" + std::to_string(deal)).ok());
    ASSERT_EQ(splits[0].credit().minor_units() + splits[1].credit().minor_units(), 1001);
    Splits swapped = shares({{"ben", 5000}, {"ana", 5000}});
    ASSERT_TRUE(credit(swapped, {1001, "EUR"}, "deal-" + std::to_string(deal)).ok());
    ASSERT_EQ(swapped[1].credit().minor_units(), splits[0].credit().minor_units()) << "whatever the order";
    if (splits[0].credit().minor_units() == 501) ++ana;
  }
  EXPECT_GT(ana, 400);
  EXPECT_LT(ana, 600);
}

TEST(Credits, WholeReversalMirrorsTheSale) {
  Splits won = shares({{"ana", 3333}, {"ben", 3333}, {"cem", 3334}});
  ASSERT_TRUE(credit(won, {10001, "EUR"}, "deal-1").ok());
  const Splits back = take_back(won, {}, {10001, "EUR"}, "deal-1").value();
  EXPECT_EQ(credits(back), credits(won));
  EXPECT_EQ(back[2].share_bp(), 3334U);
}

// In any number of parts of any size: nobody loses more than they got, and in the end exactly that.
TEST(Credits, PartialReversalsNeverExceedAndEndExact) {
  SeededChance chance(5);
  for (int round = 0; round < 500; ++round) {
    Splits won;
    uint32_t left_bp = 10000;
    const uint64_t payees = 1 + below(chance, 5);
    for (uint64_t i = 0; i < payees; ++i) {
      auto& split = *won.Add();
      split.set_payee("p" + std::to_string(i));
      const uint32_t most = left_bp - static_cast<uint32_t>(payees - i - 1);
      split.set_share_bp(i + 1 == payees ? left_bp : 1 + static_cast<uint32_t>(below(chance, most)));
      left_bp -= split.share_bp();
    }
    const int64_t amount = 1 + static_cast<int64_t>(below(chance, 20'000));
    ASSERT_TRUE(credit(won, {amount, "EUR"}, "deal").ok());
    Splits reversed;
    int64_t left = amount;
    while (left > 0) {
      const int64_t now = 1 + static_cast<int64_t>(below(chance, static_cast<uint64_t>(left)));
      const Splits part = take_back(won, reversed, {now, "EUR"}, "deal").value();
      int64_t sum = 0;
      for (const auto& split : part) {
        ASSERT_GE(split.credit().minor_units(), 0);
        sum += split.credit().minor_units();
      }
      ASSERT_EQ(sum, now);
      reversed = sum_of(reversed, part);
      for (int i = 0; i < won.size(); ++i) {
        ASSERT_LE(reversed[i].credit().minor_units(), won[i].credit().minor_units());
      }
      left -= now;
    }
    ASSERT_EQ(credits(reversed), credits(won));
  }
}

TEST(Credits, ADealWonForNothingIsTakenBackForNothing) {
  Splits won = shares({{"ana", 5000}, {"ben", 5000}});
  ASSERT_TRUE(credit(won, {0, "EUR"}, "deal").ok());
  EXPECT_EQ(credits(take_back(won, {}, {0, "EUR"}, "deal").value()), (std::vector<int64_t>{0, 0}));
}

TEST(Credits, NoSharesIsAnError) {
  Splits none;
  EXPECT_EQ(credit(none, {100, "EUR"}, "deal").code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tandem::sales
