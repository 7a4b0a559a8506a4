#include "services/incentives/plan.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::incentives {
namespace {

const std::string kJuly = "2026-06-30T22:00:00Z";
const std::string kOctober = "2026-09-30T22:00:00Z";

class PlanSpec : public Spec<Plan> {
 protected:
  void is_published(const std::string& from, const v1::PlanDefinition& definition) {
    when(publish("ae-2026", from, definition));
    then_event<v1::PlanPublished>();
  }
};

TEST_F(PlanSpec, IsPublished) {
  at_time("2026-06-01T00:00:00Z");
  when(publish("ae-2026", kJuly, plan_of({{0, "0.06"}})));
  v1::PlanPublished expected;
  expected.set_plan("ae-2026");
  expected.set_version(1);
  *expected.mutable_effective_from() = time_at(kJuly);
  *expected.mutable_definition() = plan_of({{0, "0.06"}});
  then(expected);
  EXPECT_EQ(state().plan(), "ae-2026");
  EXPECT_EQ(state().kind(), v1::PLAN_KIND_DIRECT);
  EXPECT_EQ(state().created_at().seconds(), time_at("2026-06-01T00:00:00Z").seconds());
  const Indexes expected_indexes{"ae-2026", {{"kind", "DIRECT"}, {"currency", "EUR"}}};
  EXPECT_EQ(Plan::indexes(state()).order, expected_indexes.order);
  EXPECT_EQ(Plan::indexes(state()).by, expected_indexes.by);
}

TEST_F(PlanSpec, TheSameAgainIsNothing) {
  is_published(kJuly, plan_of({{0, "0.06"}}));
  when(publish("ae-2026", kJuly, plan_of({{0, "0.06"}})));
  then_nothing();
  when(publish("ae-2026", kOctober, plan_of({{0, "0.060"}})));  // says the same as what is in force by then
  then_nothing();
  is_published(kOctober, plan_of({{0, "0.07"}}));
  when(publish("ae-2026", kJuly, plan_of({{0, "0.06"}})));  // an old file, applied again
  then_nothing();
}

TEST_F(PlanSpec, TheVersionOfTheDateIsInForce) {
  is_published(kJuly, plan_of({{0, "0.06"}}));
  is_published(kOctober, plan_of({{0, "0.07"}}));
  EXPECT_EQ(version_in_force(state(), parse_instant("2026-06-30T21:59:59Z").value()), nullptr);
  EXPECT_EQ(version_in_force(state(), parse_instant(kJuly).value())->version(), 1u);
  EXPECT_EQ(version_in_force(state(), parse_instant("2026-09-30T21:59:59Z").value())->version(), 1u);
  EXPECT_EQ(version_in_force(state(), parse_instant(kOctober).value())->version(), 2u);
  EXPECT_EQ(version_of(state(), 1)->version(), 1u);
  EXPECT_EQ(version_of(state(), 3), nullptr);
}

TEST_F(PlanSpec, OnTheSameDateTheLaterVersionCorrects) {
  is_published(kJuly, plan_of({{0, "0.06"}}));
  is_published(kJuly, plan_of({{0, "0.07"}}));
  EXPECT_EQ(version_in_force(state(), parse_instant(kJuly).value())->version(), 2u);
}

// What the parked command of a deal of before the first version asks for.
TEST_F(PlanSpec, AVersionDatedBackPaysUntilTheNextOneBegins) {
  is_published(kJuly, plan_of({{0, "0.06"}}));
  is_published(kOctober, plan_of({{0, "0.08"}}));
  when(publish("ae-2026", "2026-01-01T00:00:00Z", plan_of({{0, "0.05"}})));
  EXPECT_EQ(then_event<v1::PlanPublished>().version(), 3u);
  const auto in_force = [&](const std::string& at) { return version_in_force(state(), parse_instant(at).value()); };
  EXPECT_EQ(in_force("2025-12-31T23:59:59Z"), nullptr);
  EXPECT_EQ(in_force("2026-01-01T00:00:00Z")->version(), 3u);
  EXPECT_EQ(in_force(kJuly)->version(), 1u);
  EXPECT_EQ(in_force(kOctober)->version(), 2u);
  when(publish("ae-2026", kJuly, plan_of({{0, "0.07"}})));
  EXPECT_EQ(in_force("2026-08-01T00:00:00Z")->version(), 4u);
  EXPECT_EQ(in_force(kOctober)->version(), 2u);
}

TEST_F(PlanSpec, WhatAPlanIsNeverChanges) {
  is_published(kOctober, plan_of({{0, "0.06"}}));
  v1::PlanDefinition other = plan_of({{0, "0.07"}}, v1::PLAN_KIND_OVERRIDE);
  other.set_currency("USD");
  other.set_period(v1::PERIOD_KIND_QUARTER);
  when(publish("ae-2026", kJuly, other));
  then_rejected(Code::kFailedPrecondition, "definition.kind");
  const Decision decision = Plan::decide(state(), publish("ae-2026", kJuly, other), context());
  ASSERT_EQ(decision.rejection().violations.size(), 3u);
  EXPECT_EQ(decision.rejection().violations[1].field, "definition.period");
  EXPECT_EQ(decision.rejection().violations[2].field, "definition.currency");
}

// The fields of all violations of a definition, in order.
std::vector<std::string> wrong(const v1::PlanDefinition& definition) {
  const Decision decision = Plan::decide({}, publish("ae-2026", kJuly, definition), Context());
  std::vector<std::string> fields;
  if (!decision.is_rejection()) return fields;
  EXPECT_EQ(decision.rejection().code, Code::kInvalidArgument);
  for (const Violation& v : decision.rejection().violations) fields.push_back(v.field);
  return fields;
}
using Fields = std::vector<std::string>;

TEST(PlanValidation, SaysAllAtOnce) {
  v1::PlanDefinition d = plan_of({{5, "6 %"}, {5, "-0.1"}});
  d.mutable_tiers(1)->set_mode(v1::TIER_MODE_UNSPECIFIED);
  d.set_name("");
  d.set_currency("EURO");
  d.set_time_zone("Berlin");
  *d.mutable_cap() = eur(0);
  EXPECT_EQ(wrong(d),
            (Fields{"definition.name", "definition.currency", "definition.time_zone", "definition.tiers[0].rate",
                    "definition.tiers[1].rate", "definition.tiers[1].mode", "definition.tiers[0].from_minor_units",
                    "definition.tiers[1].from_minor_units", "definition.cap.minor_units", "definition.cap.currency"}));
}

TEST(PlanValidation, EmptyAndUnspecified) {
  EXPECT_EQ(wrong({}), (Fields{"definition.name", "definition.kind", "definition.currency", "definition.period",
                               "definition.time_zone", "definition.tiers"}));
  v1::PublishPlan c = publish("ae/2026", kJuly, plan_of({{0, "0.06"}}));
  c.clear_effective_from();
  const Decision decision = Plan::decide({}, c, Context());
  ASSERT_EQ(decision.rejection().violations.size(), 2u);
  EXPECT_EQ(decision.rejection().violations[0].field, "plan");
  EXPECT_EQ(decision.rejection().violations[1].field, "effective_from");
}

TEST(PlanValidation, RatesAndFactorsHaveRanges) {
  EXPECT_EQ(wrong(plan_of({{0, "10"}})), Fields{});
  EXPECT_EQ(wrong(plan_of({{0, "10.01"}})), Fields{"definition.tiers[0].rate"});
  EXPECT_EQ(wrong(plan_of({{0, "0.000001"}})), Fields{});
  EXPECT_EQ(wrong(plan_of({{0, "0.0000001"}})), Fields{"definition.tiers[0].rate"});
  v1::PlanDefinition d = plan_of({{0, "0.06"}});
  for (const char* factor : {"100", "100.1", "0.0001", "x"}) {
    v1::ProductRate& rate = *d.add_product_rates();
    rate.set_product("crm");
    rate.set_factor(factor);
  }
  EXPECT_EQ(wrong(d), (Fields{"definition.product_rates[1].product", "definition.product_rates[1].factor",
                              "definition.product_rates[2].product", "definition.product_rates[2].factor",
                              "definition.product_rates[3].product", "definition.product_rates[3].factor"}));
}

TEST(PlanValidation, ARetroactiveTierTakesNothingBack) {
  EXPECT_EQ(wrong(plan_of({{0, "0.08"}, {10, "0.06"}})), Fields{});
  EXPECT_EQ(wrong(plan_of({{0, "0.08"}, {10, "0.06"}, {20, "0.07", v1::TIER_MODE_RETROACTIVE}})),
            Fields{"definition.tiers[2].rate"});
}

TEST(PlanValidation, ThresholdsRise) {
  EXPECT_EQ(wrong(plan_of({{0, "0.06"}, {10, "0.07"}, {10, "0.08"}})), Fields{"definition.tiers[2].from_minor_units"});
  v1::PlanDefinition d = plan_of({{0, "0.06"}, {10, "0.07"}});
  d.mutable_tiers(1)->clear_threshold();
  EXPECT_EQ(wrong(d), Fields{"definition.tiers[1].from_minor_units"});
}

TEST(PlanValidation, PerCentOfQuotaNeedsAQuota) {
  v1::PlanDefinition d = plan_of({{0, "0.06"}, {0, "0.07"}, {90'000, "0.08"}});
  d.mutable_tiers(1)->set_from_quota_bp(10'000);
  EXPECT_EQ(wrong(d), Fields{"definition.quotas"});
  *d.add_quotas()->mutable_amount() = eur(80'000);
  EXPECT_EQ(wrong(d), Fields{});
  v1::Quota& ben = *d.add_quotas();
  ben.set_payee("ben");
  *ben.mutable_amount() = eur(90'000);  // 100 % of it is not below 900.00
  EXPECT_EQ(wrong(d), Fields{"definition.tiers[2]"});
}

TEST(PlanValidation, QuotasAreOneAPayeeInTheCurrency) {
  v1::PlanDefinition d = plan_of({{0, "0.06"}});
  for (int i = 0; i < 2; ++i) {
    v1::Quota& quota = *d.add_quotas();
    quota.set_payee("ana");
    *quota.mutable_amount() = to_proto(tandem::Money{100, "USD"});
  }
  EXPECT_EQ(wrong(d), (Fields{"definition.quotas[0].amount.currency", "definition.quotas[1].payee",
                              "definition.quotas[1].amount.currency"}));
  d.mutable_quotas(0)->mutable_amount()->set_currency("EUR");
  d.mutable_quotas(1)->set_payee("");
  *d.mutable_quotas(1)->mutable_amount() = eur(7);
}

TEST(PlanValidation, AQuotaBeginsForSomebodyOnADayByARule) {
  v1::PlanDefinition d = plan_of({{0, "0.06"}});
  v1::Quota& quota = *d.add_quotas();
  *quota.mutable_amount() = eur(100);
  quota.set_from("2026-10-32");
  EXPECT_EQ(wrong(d), (Fields{"definition.quotas[0].from", "definition.quotas[0].from", "definition.proration"}));
  quota.set_payee("ana");
  quota.set_from("2026-10-31");
  d.set_proration(v1::PRORATION_DAYS);
  EXPECT_EQ(wrong(d), Fields{});
}

}  // namespace
}  // namespace tandem::incentives
