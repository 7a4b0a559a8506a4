// The refund cases of the domain, from the won deal to the payout, and what must hold for any deals and refunds.
#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "services/incentives/entry.h"
#include "shared/base/ports.h"

namespace tandem::incentives {
namespace {

// Deals A and B of 60,000 each in October, graduated 6/8 %: 3,600 and 4,000.
class Refund : public ::testing::Test {
 protected:
  Refund() {
    EXPECT_FALSE(books.ask<Plan>("ae-2026", publish("ae-2026", kYear, plan_of({{0, "0.06"}, {10'000'000, "0.08"}}))));
    books.tell(a);
    books.tell(b);
  }
  void TearDown() override {
    EXPECT_TRUE(books.parked.empty());
    EXPECT_EQ(sum_of_balances(ledger()), 0);
    EXPECT_EQ(books.replay(), books.bytes());
  }
  v1::Ledger ledger() const { return books.state<Ledger>(kLedger); }
  v1::Statement statement(const std::string& period) const { return books.state<Statement>("ana/" + period + "/EUR"); }
  void pay(const std::string& period) {
    v1::ApproveStatement approve;
    approve.set_statement("ana/" + period + "/EUR");
    EXPECT_FALSE(books.ask<Statement>(approve.statement(), approve));
    v1::PayStatement payment;
    payment.set_statement(approve.statement());
    EXPECT_FALSE(books.ask<Statement>(payment.statement(), payment));
  }

  Books books;
  sales::v1::DealWon a = won("A", 6'000'000);
  sales::v1::DealWon b = won("B", 6'000'000);
};

TEST_F(Refund, BeforePayoutNetsTheStatement) {
  EXPECT_EQ(payable(ledger()), 760'000);
  books.tell(reversed(a, "r1", 6'000'000, true));
  EXPECT_EQ(payable(ledger()), 400'000);  // at the original rate: -3,600 leaves 4,000
  EXPECT_EQ(ledger().periods(0).credited().minor_units(), 12'000'000);
  EXPECT_EQ(ledger().periods(0).credit_taken_back().minor_units(), 6'000'000);
  EXPECT_EQ(ledger().periods(0).earned().minor_units(), 760'000);
  EXPECT_EQ(ledger().periods(0).clawed_back().minor_units(), 360'000);
  EXPECT_EQ(statement("2026-10").lines_size(), 3);
  EXPECT_EQ(statement("2026-10").total().minor_units(), 400'000);
  const auto e = books.events<v1::CommissionClawedBack>().at(0).entries(0);
  EXPECT_EQ(e.kind(), v1::ENTRY_KIND_CLAWBACK);
  EXPECT_EQ(e.amount().minor_units(), -360'000);
  EXPECT_EQ(e.cites(0), "A");
  EXPECT_EQ(e.cause_event(), "sales-3");
  EXPECT_EQ(e.legs(0).amount().minor_units(), -360'000);
  EXPECT_EQ(e.working(0).text(),
            "60,000.00 of the credit of 60,000.00 that deal A had left goes back, and with it that part of its "
            "commission of 3,600.00");
  EXPECT_EQ(books.state<Entry>(e.entry()).SerializeAsString(), e.SerializeAsString());
}

TEST_F(Refund, AfterPayoutGoesToTheNextStatement) {
  pay("2026-10");
  const std::string october = statement("2026-10").SerializeAsString();
  books.at_time("2026-11-20T12:00:00Z");
  books.tell(reversed(a, "r1", 6'000'000, true));
  EXPECT_EQ(statement("2026-10").SerializeAsString(), october);
  EXPECT_EQ(statement("2026-11").total().minor_units(), -360'000);
  EXPECT_EQ(statement("2026-11").lines(0).prior_period(), "2026-10");
  books.tell(won("C", 1'000'000, "2026-11-21T10:00:00Z"));
  EXPECT_EQ(statement("2026-11").total().minor_units(), -300'000);
  pay("2026-11");
  EXPECT_EQ(statement("2026-11").paid().minor_units(), 0);
  EXPECT_EQ(statement("2026-12").total().minor_units(), -300'000);
  EXPECT_EQ(statement("2026-12").lines(0).kind(), v1::ENTRY_KIND_CARRIED_FORWARD);
  EXPECT_EQ(payable(ledger()), 460'000);  // 7,600 was paid out, 3,000 is owed back
}

TEST_F(Refund, PartsSumToTheWhole) {
  books.tell(reversed(b, "r1", 2'000'001));
  EXPECT_EQ(ledger().deals(1).clawed_back(), 133'333);  // 4,000.00 * 20,000.01 / 60,000.00
  books.tell(reversed(b, "r2", 1'000'000));
  books.tell(reversed(b, "r3", 2'999'999, true));
  EXPECT_EQ(ledger().deals(1).clawed_back(), 400'000);
  EXPECT_EQ(payable(ledger()), 360'000);
  EXPECT_EQ(ledger().deals(1).credit_taken_back(), 6'000'000);
}

TEST_F(Refund, TheSameReversalCountsOnce) {
  for (int i = 0; i < 3; ++i) books.tell(reversed(a, "r1", 2'000'000));
  EXPECT_EQ(payable(ledger()), 640'000);
  books.tell(reversed(a, "r2", 4'000'000, true));
  books.tell(reversed(a, "r3", 4'000'000, true));  // nothing is left
  EXPECT_EQ(payable(ledger()), 400'000);
  EXPECT_EQ(books.events<v1::CommissionClawedBack>().size(), 2u);
}

// They have left, and nothing comes that the debt could be set off against: it is carried on, and stays in the books.
TEST_F(Refund, AfterTheSalespersonLeft) {
  pay("2026-10");
  books.tell(reversed(a, "r1", 6'000'000, true));
  books.tell(reversed(b, "r2", 6'000'000, true));
  EXPECT_EQ(payable(ledger()), 0);
  for (const char* period : {"2026-11", "2026-12", "2027-01"}) {
    EXPECT_EQ(statement(period).total().minor_units(), -760'000);
    pay(period);
    EXPECT_EQ(statement(period).paid().minor_units(), 0);
    EXPECT_EQ(statement(period).carried_forward().minor_units(), -760'000);
  }
}

TEST_F(Refund, AttainmentFallsForDealsToCome) {
  books.tell(reversed(a, "r1", 6'000'000, true));
  books.tell(won("C", 4'000'000));
  const auto e = books.events<v1::CommissionEarned>().back();
  EXPECT_EQ(e.credited_before().minor_units(), 6'000'000);
  EXPECT_EQ(e.entries(0).amount().minor_units(), 240'000);  // 60,000 to 100,000 at 6 %
}

TEST(RefundRules, AThresholdReachedAgainPaysNothingTwice) {
  Books books;
  books.ask<Plan>("ae-2026", publish("ae-2026", kYear, six_eight_ten(v1::TIER_MODE_RETROACTIVE)));
  const auto a = won("A", 6'000'000);
  books.tell(a);
  books.tell(won("B", 6'000'000));  // A is trued up to 8 %
  books.tell(reversed(a, "r1", 6'000'000, true));
  auto ledger = books.state<Ledger>(kLedger);
  EXPECT_EQ(ledger.deals(0).clawed_back(), 480'000);  // its share of the true-up as well
  EXPECT_EQ(payable(ledger), 480'000);
  books.tell(won("C", 3'000'000));  // 90,000: 6 %
  books.tell(won("D", 2'000'000));  // 110,000: 8 % again, C is trued up, B has it already
  const auto e = books.events<v1::CommissionEarned>().back();
  ASSERT_EQ(e.entries_size(), 2);
  ASSERT_EQ(e.entries(1).cites_size(), 1);
  EXPECT_EQ(e.entries(1).cites(0), "C");
  EXPECT_EQ(payable(books.state<Ledger>(kLedger)), 880'000);  // 8 % of 110,000
}

TEST(RefundRules, AHalfRefundedDealIsTruedUpOnTheRest) {
  Books books;
  books.ask<Plan>("ae-2026", publish("ae-2026", kYear, six_eight_ten(v1::TIER_MODE_RETROACTIVE)));
  const auto a = won("A", 6'000'000);
  books.tell(a);
  books.tell(reversed(a, "r1", 3'000'000));
  books.tell(won("B", 7'000'000));
  EXPECT_EQ(books.events<v1::CommissionEarned>().back().entries(1).amount().minor_units(), 60'000);  // 2 % of 30,000
  books.tell(reversed(a, "r2", 3'000'000, true));
  EXPECT_EQ(books.state<Ledger>(kLedger).deals(0).clawed_back(), 180'000 + 240'000);
  EXPECT_EQ(payable(books.state<Ledger>(kLedger)), 560'000);
}

TEST(RefundRules, WhatCanNotBeRightIsRefused) {
  Books books;
  const auto a = won("A", 10'000);
  books.tell(reversed(a, "r1", 10'000));  // before anything was earned
  ASSERT_EQ(books.parked.size(), 1u);
  EXPECT_EQ(books.parked[0].second.code, Code::kFailedPrecondition);
  EXPECT_EQ(books.parked[0].second.violations[0].field, "deal");
  books.tell(reversed(a, "r2", 0));
  EXPECT_EQ(books.parked.size(), 1u);
  books.ask<Plan>("ae-2026", publish("ae-2026", kYear, plan_of({{0, "0.06"}})));
  books.tell(a);
  books.tell(reversed(a, "r3", 10'001));
  ASSERT_EQ(books.parked.size(), 2u);
  EXPECT_EQ(books.parked[1].second.violations[0].field, "credit.minor_units");
  books.tell(reversed(a, "r4", -1));
  EXPECT_EQ(books.parked.at(2).second.code, Code::kInvalidArgument);
  auto dollars = reversed(a, "r5", 100);
  dollars.mutable_splits(0)->mutable_credit()->set_currency("USD");
  books.tell(dollars);
  EXPECT_EQ(books.parked.at(3).second.violations[0].field, "credit.currency");
  EXPECT_EQ(payable(books.state<Ledger>(kLedger)), 600);
}

// Two salespeople, each with all of the deal, and one manager.
TEST(Override, IsPaidOnceADealAndManager) {
  Books books;
  books.ask<Plan>("ae-2026", publish("ae-2026", kYear, plan_of({{0, "0.06"}})));
  books.ask<Plan>("over", publish("over", kYear, plan_of({{0, "0.02"}}, v1::PLAN_KIND_OVERRIDE)));
  auto deal = won("A", 10'000);
  *deal.add_splits() = deal.splits(0);
  deal.mutable_splits(1)->set_payee("ben");
  deal.set_manager("mia");
  deal.set_manager_plan("over");
  books.tell(deal);
  books.tell(deal);
  EXPECT_EQ(payable(books.state<Ledger>("ana/ae-2026")), 600);
  EXPECT_EQ(payable(books.state<Ledger>("ben/ae-2026")), 600);
  EXPECT_EQ(payable(books.state<Ledger>("mia/over")), 200);
  EXPECT_EQ(books.events<v1::CommissionEarned>().size(), 3u);
  books.tell(reversed(deal, "r1", 10'000, true));
  for (const char* ledger : {"ana/ae-2026", "ben/ae-2026", "mia/over"}) {
    EXPECT_EQ(payable(books.state<Ledger>(ledger)), 0);
  }
}

}  // namespace
}  // namespace tandem::incentives
