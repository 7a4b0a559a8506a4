#include "services/incentives/quota.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "services/incentives/tiers.h"

namespace tandem::incentives {
namespace {

v1::PlanDefinition plan(v1::Proration proration, std::int64_t amount, const std::string& from) {
  v1::PlanDefinition d = plan_of({{0, "0.05"}, {1'000'000, "0.07"}});
  d.set_proration(proration);
  v1::Quota& own = *d.add_quotas();
  own.set_payee("ana");
  *own.mutable_amount() = eur(amount);
  own.set_from(from);
  return d;
}
std::optional<std::int64_t> quota(const v1::PlanDefinition& d, const std::string& period) {
  return quota_of(d, "ana", parse_period(period).value()).amount;
}

TEST(Quota, OnesOwnElseEveryonesElseNone) {
  v1::PlanDefinition d = plan(v1::PRORATION_UNSPECIFIED, 100, "");
  const Period october = parse_period("2026-10").value();
  EXPECT_EQ(quota_of(d, "ben", october).amount, std::nullopt);
  *d.add_quotas()->mutable_amount() = eur(7);
  EXPECT_EQ(quota_of(d, "ana", october).amount, 100);
  EXPECT_EQ(quota_of(d, "ben", october).amount, 7);
}

// 100,000 a year in phases of 20/20/20/40, from 1 March on: 86,667. Each phase is a version of a quarterly plan.
TEST(Quota, IsProratedInsideThePartialPhase) {
  const auto phase = [](std::int64_t amount, const std::string& period) {
    return quota(plan(v1::PRORATION_MONTHS, amount, "2026-03-01"), period).value();
  };
  EXPECT_EQ(phase(2'000'000, "2026-Q1"), 666'667);
  EXPECT_EQ(phase(2'000'000, "2026-Q1") + phase(2'000'000, "2026-Q2") + phase(2'000'000, "2026-Q3") +
                phase(4'000'000, "2026-Q4"),
            8'666'667);
}

// The published sample code has 12 - month where 13 - month is right: October would count 2 of 3 months.
TEST(Quota, AStartInTheFirstMonthOfAQuarterIsAWholeQuarter) {
  EXPECT_EQ(quota(plan(v1::PRORATION_MONTHS, 4'000'000, "2026-10-01"), "2026-Q4"), 4'000'000);
  EXPECT_EQ(quota(plan(v1::PRORATION_MONTHS, 4'000'000, "2026-10-15"), "2026-Q4"), 4'000'000);
  EXPECT_EQ(quota(plan(v1::PRORATION_MONTHS, 3'000'000, "2026-12-31"), "2026-Q4"), 1'000'000);
  EXPECT_EQ(quota(plan(v1::PRORATION_MONTHS, 3'000'000, "2026-10-16"), "2026-10"), 3'000'000);
}

TEST(Quota, ByDaysTheFirstOneCounts) {
  EXPECT_EQ(quota(plan(v1::PRORATION_DAYS, 4'000'000, "2026-10-16"), "2026-10"), 2'064'516);  // 16 of 31
  EXPECT_EQ(quota(plan(v1::PRORATION_DAYS, 3'100, "2026-10-31"), "2026-10"), 100);
  EXPECT_EQ(quota(plan(v1::PRORATION_DAYS, 9'000, "2026-03-01"), "2026-Q1"), 3'100);  // 31 of 90
  EXPECT_EQ(quota(plan(v1::PRORATION_DAYS, 9'100, "2028-02-29"), "2028-Q1"), 3'200);  // a leap year: 32 of 91
  EXPECT_EQ(quota(plan(v1::PRORATION_DAYS, 4'000'000, "2026-10-16"), "2026-11"), 4'000'000);
}

TEST(Quota, BeforeItBeginsThatOfEveryoneCounts) {
  v1::PlanDefinition d = plan(v1::PRORATION_DAYS, 100, "2026-10-01");
  EXPECT_EQ(quota(d, "2026-09"), std::nullopt);
  *d.add_quotas()->mutable_amount() = eur(7);
  EXPECT_EQ(quota(d, "2026-09"), 7);
  EXPECT_EQ(quota(d, "2026-10"), 100);
}

TEST(Quota, TiersByAmountAreProratedWithIt) {
  const v1::PlanDefinition d = plan(v1::PRORATION_DAYS, 4'000'000, "2026-10-16");
  const auto second = [&](const std::string& payee, const std::string& period) {
    return bands_of(d, quota_of(d, payee, parse_period(period).value()))->at(1).from;
  };
  EXPECT_EQ(second("ana", "2026-10"), 516'130);  // 516,129.03 up
  EXPECT_EQ(second("ana", "2026-11"), 1'000'000);
  EXPECT_EQ(second("ben", "2026-10"), 1'000'000);
}

}  // namespace
}  // namespace tandem::incentives
