#include "services/incentives/ledger.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::incentives {
namespace {

class LedgerSpec : public Spec<Ledger> {
 protected:
  LedgerSpec() {
    id("ana/ae-2026");
    at_time("2026-10-20T12:00:00Z");
    cause("sales-1");
  }
  void on_plan(const v1::PlanDefinition& definition) {
    reference<Plan>("ae-2026", published("ae-2026", {{kYear, definition}}));
  }

  static v1::Earn earn(const std::string& deal, std::int64_t cents, const std::string& at = "2026-10-05T10:00:00Z") {
    v1::Earn c;
    c.set_payee("ana");
    c.set_plan("ae-2026");
    c.set_deal(deal);
    *c.mutable_credit() = eur(cents);
    *c.mutable_won_at() = time_at(at);
    c.set_credit_kind(v1::PLAN_KIND_DIRECT);
    return c;
  }
  v1::CommissionEarned earned(const v1::Earn& command) {
    when(command);
    auto e = then_event<v1::CommissionEarned>();
    for (const v1::Entry& entry : e.entries()) {
      std::int64_t legs = 0, lines = 0;
      for (const v1::Leg& leg : entry.legs()) legs += leg.amount().minor_units();
      for (const v1::WorkingLine& line : entry.working()) lines += line.amount().minor_units();
      EXPECT_EQ(legs, 0);
      EXPECT_EQ(lines, entry.amount().minor_units()) << "the working must lead to the amount";
    }
    return e;
  }
};

TEST_F(LedgerSpec, ADealEarnsByTiers) {
  on_plan(six_eight_ten(v1::TIER_MODE_GRADUATED));
  earned(earn("d1", 9'500'000));
  const auto e = earned(earn("d2", 1'000'000));
  EXPECT_EQ(e.ledger(), "ana/ae-2026");
  EXPECT_EQ(e.period(), "2026-10");
  EXPECT_EQ(e.credited_before().minor_units(), 9'500'000);
  EXPECT_EQ(e.credited_after().minor_units(), 10'500'000);
  ASSERT_EQ(e.entries_size(), 1);
  const v1::Entry& entry = e.entries(0);
  EXPECT_EQ(entry.kind(), v1::ENTRY_KIND_EARNING);
  EXPECT_EQ(entry.amount().minor_units(), 70'000);  // 5,000 at 6 % and 5,000 at 8 %
  EXPECT_EQ(entry.cause_event(), "sales-1");
  EXPECT_EQ(entry.plan_version(), 1u);
  ASSERT_EQ(entry.legs_size(), 2);
  EXPECT_EQ(entry.legs(0).account(), "expense");
  EXPECT_EQ(entry.legs(0).amount().minor_units(), 70'000);
  EXPECT_EQ(entry.legs(1).account(), "payable:ana");
  ASSERT_EQ(entry.working_size(), 3);
  EXPECT_EQ(
      entry.working(0).text(),
      "plan \"AE 2026\" version 1, 2026-10 (Europe/Berlin): credit 95,000.00 before this deal, 105,000.00 with it");
  EXPECT_EQ(entry.working(2).text(), "5,000.00 of credit from 100,000.00 to 105,000.00 in tier 2 at 8 %");
  EXPECT_EQ(entry.working(2).tier(), 2u);
  EXPECT_EQ(entry.working(2).rate(), "0.08");
  EXPECT_EQ(payable(state()), 640'000);
}

TEST_F(LedgerSpec, ADealEarnsOnce) {
  on_plan(six_eight_ten(v1::TIER_MODE_GRADUATED));
  earned(earn("d1", 1'000));
  when(earn("d1", 1'000));
  then_nothing();
  when(earn("d2", 0));
  then_nothing();
}

TEST_F(LedgerSpec, ThePeriodIsThePlansOwn) {
  on_plan(six_eight_ten(v1::TIER_MODE_GRADUATED));
  EXPECT_EQ(earned(earn("d1", 100, "2026-09-30T21:59:59Z")).period(), "2026-09");
  EXPECT_EQ(earned(earn("d2", 100, "2026-09-30T22:00:00Z")).period(), "2026-10");  // midnight in Berlin
  v1::PlanDefinition quarterly = plan_of({{0, "0.06"}});
  quarterly.set_period(v1::PERIOD_KIND_QUARTER);
  on_plan(quarterly);
  EXPECT_EQ(earned(earn("d3", 100, "2026-09-30T22:00:00Z")).period(), "2026-Q4");
}

// Half a month at a quota of 40,000: 20,645.16 at 5 %, the rest of the deal at 7 %.
TEST_F(LedgerSpec, AQuotaThatBeginsWithinThePeriodIsProrated) {
  v1::PlanDefinition definition = plan_of({{0, "0.05"}});
  v1::Tier& accelerated = *definition.add_tiers();
  accelerated.set_from_quota_bp(10'000);
  accelerated.set_rate("0.07");
  accelerated.set_mode(v1::TIER_MODE_GRADUATED);
  definition.set_proration(v1::PRORATION_DAYS);
  v1::Quota& quota = *definition.add_quotas();
  quota.set_payee("ana");
  *quota.mutable_amount() = eur(4'000'000);
  quota.set_from("2026-10-16");
  on_plan(definition);
  const auto e = earned(earn("d1", 4'000'000, "2026-10-20T10:00:00Z"));
  EXPECT_EQ(e.quota().minor_units(), 2'064'516);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 238'710);
  EXPECT_EQ(e.entries(0).working(0).text(),
            "plan \"AE 2026\" version 1, 2026-10 (Europe/Berlin): credit 0.00 before this deal, 40,000.00 with it, "
            "quota 20,645.16 for 16 of 31 days");
  EXPECT_EQ(earned(earn("d2", 100, "2026-11-20T10:00:00Z")).quota().minor_units(), 4'000'000);
}

TEST_F(LedgerSpec, ARetroactiveTierTruesUpAndCitesTheDeals) {
  on_plan(six_eight_ten(v1::TIER_MODE_RETROACTIVE));
  earned(earn("d1", 6'000'000));
  const auto e = earned(earn("d2", 5'000'000));
  ASSERT_EQ(e.entries_size(), 2);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 400'000);  // 50,000 at 8 %
  const v1::Entry& true_up = e.entries(1);
  EXPECT_EQ(true_up.kind(), v1::ENTRY_KIND_TRUE_UP);
  EXPECT_EQ(true_up.amount().minor_units(), 120'000);  // 60,000 at 2 % more
  ASSERT_EQ(true_up.cites_size(), 1);
  EXPECT_EQ(true_up.cites(0), "d1");
  EXPECT_NE(true_up.entry(), e.entries(0).entry());
  EXPECT_EQ(true_up.working(0).text(),
            "60,000.00 of credit of deal d1, now in tier 2 at 8 %, less what it was paid at");
  EXPECT_EQ(payable(state()), 880'000);  // as the domain's vector for 110,000 says
  EXPECT_EQ(state().deals(0).earned(), 480'000);
  const auto third = earned(earn("d3", 5'000'000));
  EXPECT_EQ(third.entries(1).cites_size(), 2);
  EXPECT_EQ(payable(state()), 1'600'000);
}

TEST_F(LedgerSpec, ATrueUpOfManyDealsExplainsTheFirstHundred) {
  on_plan(six_eight_ten(v1::TIER_MODE_RETROACTIVE));
  for (int i = 0; i < 120; ++i) earned(earn("d" + std::to_string(i), 50'001));
  const auto e = earned(earn("last", 4'000'000));
  ASSERT_EQ(e.entries_size(), 2);
  ASSERT_EQ(e.entries(1).cites_size(), 100);
  EXPECT_EQ(e.entries(1).cites(99), e.true_up_shares(99).deal());
  EXPECT_EQ(e.true_up_shares_size(), 120) << "the ledger needs them all";
  ASSERT_EQ(e.entries(1).working_size(), 101);
  EXPECT_EQ(e.entries(1).working(100).text(), "10,000.20 of credit of 20 more deals of the period, in the same way");
  // 2 % of 60,001.20 are 120,002.4 cents; the period's 800,009.6 are rounded once, as a sum, from 680,007.2 before.
  EXPECT_EQ(e.entries(1).amount().minor_units(), 120'003);
  EXPECT_EQ(payable(state()), 800'010);  // 8 % of 100,001.20
}

TEST_F(LedgerSpec, ProductsHaveFactors) {
  v1::PlanDefinition d = plan_of({{0, "0.06"}});
  v1::ProductRate& rate = *d.add_product_rates();
  rate.set_product("crm");
  rate.set_factor("1.5");
  on_plan(d);
  v1::Earn c = earn("d1", 10'000);
  c.set_product("crm");
  const auto e = earned(c);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 900);
  EXPECT_EQ(e.factor(), "1.5");
  EXPECT_EQ(e.entries(0).working(1).text(),
            "100.00 of credit from 0.00 to 100.00 in tier 1 at 6 % x 1.5 for the product");
  EXPECT_EQ(earned(earn("d2", 10'000)).entries(0).amount().minor_units(), 600);
}

TEST_F(LedgerSpec, TheCapCutsWhatAPeriodEarns) {
  v1::PlanDefinition d = six_eight_ten(v1::TIER_MODE_RETROACTIVE);
  *d.mutable_cap() = eur(700'000);
  on_plan(d);
  earned(earn("d1", 6'000'000));
  const auto e = earned(earn("d2", 5'000'000));  // 4,000 and a true-up of 1,200, of which 3,400 are under the cap
  EXPECT_EQ(e.entries(0).amount().minor_units(), 340'000);
  EXPECT_EQ(e.entries(0).working(2).text(), "the cap of 7,000.00 in 2026-10 leaves 3,400.00 of 4,000.00");
  EXPECT_EQ(e.entries(1).amount().minor_units(), 0);
  EXPECT_EQ(e.entries(1).legs_size(), 0);
  EXPECT_EQ(payable(state()), 700'000);
  const auto next = earned(earn("d3", 6'000'000, "2026-11-05T10:00:00Z"));  // a new period, a new cap
  EXPECT_EQ(next.entries(0).amount().minor_units(), 360'000);
}

TEST_F(LedgerSpec, TheQuotaIsRecorded) {
  v1::PlanDefinition d = plan_of({{0, "0.06"}, {0, "0.08"}});
  d.mutable_tiers(1)->set_from_quota_bp(10'000);
  v1::Quota& quota = *d.add_quotas();
  quota.set_payee("ana");
  *quota.mutable_amount() = eur(50'000);
  on_plan(d);
  const auto e = earned(earn("d1", 60'000));
  EXPECT_EQ(e.quota().minor_units(), 50'000);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 3'800);
  EXPECT_EQ(state().periods(0).quota().minor_units(), 50'000);
  d.mutable_quotas(0)->set_payee("ben");
  on_plan(d);
  when(earn("d2", 60'000));
  then_rejected(Code::kFailedPrecondition, "plan");
}

TEST_F(LedgerSpec, RejectionsSayWhatToDo) {
  when(earn("d1", 100));
  then_rejected(Code::kNotFound, "plan");
  on_plan(plan_of({{0, "0.06"}}));
  when(earn("d1", 100, "2025-12-31T22:59:59Z"));
  then_rejected(Code::kFailedPrecondition, "plan");
  v1::Earn c = earn("d1", 100);
  c.mutable_credit()->set_currency("USD");
  when(c);
  then_rejected(Code::kFailedPrecondition, "credit.currency");
  c = earn("d1", 100);
  c.set_credit_kind(v1::PLAN_KIND_OVERRIDE);
  when(c);
  then_rejected(Code::kFailedPrecondition, "plan");
  when(earn("d1", -100));
  then_rejected(Code::kInvalidArgument, "credit.minor_units");
  EXPECT_TRUE(state().ledger().empty());
}

TEST_F(LedgerSpec, AnOverrideIsAnEntryOfItsOwnKind) {
  on_plan(plan_of({{0, "0.02"}}, v1::PLAN_KIND_OVERRIDE));
  v1::Earn c = earn("d1", 10'000);
  c.set_credit_kind(v1::PLAN_KIND_OVERRIDE);
  EXPECT_EQ(earned(c).entries(0).kind(), v1::ENTRY_KIND_OVERRIDE);
}

// What was earned stays as it is, whatever the plan says now.
TEST_F(LedgerSpec, ANewVersionChangesNoPastEntry) {
  const v1::PlanDefinition old = six_eight_ten(v1::TIER_MODE_RETROACTIVE);
  on_plan(old);
  earned(earn("d1", 6'000'000));
  const std::string before = state().SerializeAsString();
  v1::PlanDefinition changed = plan_of({{0, "0.2"}});
  v1::ProductRate& rate = *changed.add_product_rates();
  rate.set_product("crm");
  rate.set_factor("2");
  reference<Plan>("ae-2026", published("ae-2026", {{kYear, old}, {kYear, changed}}));
  when(earn("d1", 6'000'000));
  then_nothing();
  EXPECT_EQ(state().SerializeAsString(), before);
  const auto e = earned(earn("d2", 5'000'000));
  EXPECT_EQ(e.plan_version(), 2u);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 1'000'000);
  // The first deal still has its own version's tiers, which reached 8 % for it.
  ASSERT_EQ(e.entries_size(), 2);
  EXPECT_EQ(e.entries(1).amount().minor_units(), 120'000);
  EXPECT_EQ(state().deals(0).plan_version(), 1u);
}

TEST_F(LedgerSpec, LateFactsArePaidByTheVersionOfTheirDate) {
  reference<Plan>("ae-2026", published("ae-2026", {{kYear, plan_of({{0, "0.06"}})},
                                                   {"2026-06-30T22:00:00Z", plan_of({{0, "0.1"}})}}));
  EXPECT_EQ(earned(earn("d1", 10'000, "2026-07-01T10:00:00Z")).plan_version(), 2u);
  const auto late = earned(earn("d2", 10'000, "2026-06-30T10:00:00Z"));
  EXPECT_EQ(late.plan_version(), 1u);
  EXPECT_EQ(late.entries(0).amount().minor_units(), 600);
}

TEST_F(LedgerSpec, IsFoundByPayeeAndPlan) {
  on_plan(plan_of({{0, "0.06"}}));
  earned(earn("d1", 100));
  const Indexes indexes = Ledger::indexes(state());
  EXPECT_EQ(indexes.order, "ana/ae-2026");
  EXPECT_EQ(indexes.by, (decltype(indexes.by){{"payee", "ana"}, {"plan", "ae-2026"}, {"currency", "EUR"}}));
}

}  // namespace
}  // namespace tandem::incentives
