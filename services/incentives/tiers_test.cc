#include "services/incentives/tiers.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "shared/base/ports.h"

namespace tandem::incentives {
namespace {

const Decimal kOne = Decimal::whole(1);

Bands bands(const v1::PlanDefinition& definition) { return bands_of(definition, {}).value(); }

// f(total), exact, in cents.
std::string total(v1::TierMode mode, std::int64_t cents) {
  return price(bands(six_eight_ten(mode)), 0, cents, cents, kOne)->value.to_string();
}

TEST(Tiers, PayTheVectorsOfTheDomain) {
  const auto graduated = v1::TIER_MODE_GRADUATED;
  const auto retroactive = v1::TIER_MODE_RETROACTIVE;
  EXPECT_EQ(total(graduated, 9'999'999), "599999.94");  // 99,999.99 pays 5,999.9994
  EXPECT_EQ(total(retroactive, 9'999'999), "599999.94");
  EXPECT_EQ(total(graduated, 10'000'000), "600000");
  EXPECT_EQ(total(retroactive, 10'000'000), "800000");  // the cliff: the lower bound is inclusive
  EXPECT_EQ(total(graduated, 11'000'000), "680000");
  EXPECT_EQ(total(retroactive, 11'000'000), "880000");
  EXPECT_EQ(total(graduated, 15'000'000), "1000000");
  EXPECT_EQ(total(retroactive, 15'000'000), "1500000");
  EXPECT_EQ(total(graduated, 16'000'000), "1100000");
  EXPECT_EQ(total(retroactive, 16'000'000), "1600000");
}

TEST(Tiers, MixModes) {
  // QuotaPath: retroactive at 50 %, an accelerator for what lies above 100 %.
  const Bands mixed = bands(plan_of({{0, "0.04"}, {5'000, "0.06", v1::TIER_MODE_RETROACTIVE}, {10'000, "0.1"}}));
  EXPECT_EQ(price(mixed, 0, 4'999, 4'999, kOne)->value.to_string(), "199.96");
  EXPECT_EQ(price(mixed, 0, 5'000, 5'000, kOne)->value.to_string(), "300");
  EXPECT_EQ(price(mixed, 0, 12'000, 12'000, kOne)->value.to_string(), "800");  // 10,000 at 6 % and 2,000 at 10 %
}

TEST(Tiers, ExplainBySlices) {
  const auto p = price(bands(six_eight_ten(v1::TIER_MODE_GRADUATED)), 9'500'000, 15'500'000, 15'500'000, kOne).value();
  ASSERT_EQ(p.slices.size(), 3u);
  EXPECT_EQ(p.slices[0].tier, 1u);
  EXPECT_EQ(p.slices[0].from, 9'500'000);
  EXPECT_EQ(p.slices[0].to, 10'000'000);
  EXPECT_EQ(p.slices[1].tier, 2u);
  EXPECT_EQ(p.slices[1].value.to_string(), "400000");
  EXPECT_EQ(p.slices[2].tier, 3u);
  EXPECT_EQ(p.slices[2].from, 15'000'000);
  EXPECT_EQ(p.value.to_string(), "480000");
  EXPECT_EQ(p.retroactive_tier, 0u);
}

TEST(Tiers, AFactorMultipliesEachSlice) {
  const Bands b = bands(six_eight_ten(v1::TIER_MODE_GRADUATED));
  const Decimal factor = Decimal::parse("1.5").value();
  EXPECT_EQ(price(b, 9'900'000, 10'100'000, 10'100'000, factor)->value.to_string(), "21000");  // 1.5 * (6,000 + 8,000)
  EXPECT_EQ(value_at(b, 3, 1'001, factor)->to_string(), "150.15");
}

TEST(Tiers, ThresholdsInPerCentOfQuotaRoundUp) {
  v1::PlanDefinition d = plan_of({{0, "0.05"}, {0, "0.1"}});
  d.mutable_tiers(1)->set_from_quota_bp(3'333);
  EXPECT_EQ(bands_of(d, {1'000'001})->at(1).from, 333'301);  // 333,300.3333
  EXPECT_EQ(bands_of(d, {10'000})->at(1).from, 3'333);
  EXPECT_EQ(bands_of(d, {}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(bands_of(d, {INT64_MAX})->at(1).from, 3'074'149'899'883'696'777);
  d.mutable_tiers(1)->set_from_quota_bp(20'000);
  EXPECT_EQ(bands_of(d, {INT64_MAX}).code(), Code::kOutOfRange);
}

// Whatever the sizes and the order, earnings and true-ups sum to f(total), for any mix of modes.
TEST(Tiers, SumsOfPartsAreTheTotal) {
  SeededChance chance(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<TierRow> rows = {{0, "0.05"}};
    for (int i = 1; i <= 4; ++i) {
      const bool retroactive = below(chance, 2) == 0;
      rows.push_back({rows.back().from + 1 + static_cast<std::int64_t>(below(chance, 50'000)),
                      "0.0" + std::to_string(i + 5),
                      retroactive ? v1::TIER_MODE_RETROACTIVE : v1::TIER_MODE_GRADUATED});
    }
    const Bands b = bands(plan_of(rows));
    ExactSum sum;
    std::int64_t before = 0;
    for (int deal = 0; deal < 12; ++deal) {
      const std::int64_t after = before + static_cast<std::int64_t>(below(chance, 20'000));
      ASSERT_TRUE(sum.add(price(b, before, after, after, kOne)->value).ok());
      const Int128 was = price(b, 0, before, before, kOne)->value.billionths();
      const Int128 is = price(b, 0, before, after, kOne)->value.billionths();
      ASSERT_GE(is, was);
      if (reached(b, after) != reached(b, before)) {
        // All that came before is worth the rate of the tier that was reached.
        ASSERT_EQ(is, value_at(b, reached(b, after), before, kOne)->billionths());
      }
      ASSERT_TRUE(sum.add(ExactSum::of_billionths(is - was)).ok());
      before = after;
      ASSERT_EQ(sum, price(b, 0, after, after, kOne)->value);
    }
  }
}

TEST(Tiers, SharesOfLargeValuesAreExact) {
  const ExactSum value = ExactSum::of_billionths(Int128{INT64_MAX} * 1'000'000'000);
  EXPECT_EQ(share_of(value, INT64_MAX, INT64_MAX), value);
  EXPECT_EQ(share_of(value, 0, INT64_MAX).to_string(), "0");
  EXPECT_EQ(share_of(ExactSum::of_billionths(10), 1, 3).billionths(), Int128{3});
  EXPECT_EQ(to_exact(to_proto(ExactSum::of_billionths(1'500'000'007)).value()).billionths(), Int128{1'500'000'007});
  EXPECT_EQ(to_proto(ExactSum::of_billionths(value.billionths() * 2)).code(), Code::kOutOfRange);
}

TEST(Tiers, TooMuchIsAnError) {
  const Bands b = bands(plan_of({{0, "10"}}));
  EXPECT_TRUE(price(b, 0, INT64_MAX, INT64_MAX, Decimal::whole(100)).ok());
  EXPECT_EQ(price(b, 0, INT64_MAX, INT64_MAX, Decimal::whole(100))->value.rounded().code(), Code::kOutOfRange);
}

}  // namespace
}  // namespace tandem::incentives
