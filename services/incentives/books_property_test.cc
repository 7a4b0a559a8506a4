// What must hold for any deals and refunds in any order.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/incentives/books_testing.h"
#include "services/incentives/tiers.h"
#include "shared/base/ports.h"

namespace tandem::incentives {
namespace {

v1::PlanDefinition random_plan(Chance& chance) {
  std::vector<TierRow> rows = {{0, "0.0333"}};
  for (int i = 1; i <= 3; ++i) {
    const auto mode = below(chance, 2) == 0 ? v1::TIER_MODE_RETROACTIVE : v1::TIER_MODE_GRADUATED;
    rows.push_back({rows.back().from + 1 + static_cast<std::int64_t>(below(chance, 100'000)),
                    "0.0" + std::to_string(i + 4) + "77", mode});
  }
  v1::PlanDefinition d = plan_of(rows);
  v1::ProductRate& rate = *d.add_product_rates();
  rate.set_product("crm");
  rate.set_factor("1.333");
  if (below(chance, 3) == 0) *d.mutable_cap() = eur(1 + static_cast<std::int64_t>(below(chance, 20'000)));
  return d;
}

struct Deal {
  sales::v1::DealWon won;
  std::int64_t left = 0;
};

class AnyHistory {
 public:
  explicit AnyHistory(std::uint64_t seed) : chance_(seed) {
    books_.ask<Plan>("ae-2026", publish("ae-2026", kYear, random_plan(chance_)));
  }

  void run() {
    for (int step = 0; step < 30; ++step) {
      if (deals_.empty() || below(chance_, 3) > 0) {
        win();
      } else {
        reverse(deals_[below(chance_, deals_.size())], false);
      }
      if (step == 15) books_.ask<Plan>("ae-2026", publish("ae-2026", kYear, random_plan(chance_)));
      check();
    }
    for (Deal& deal : deals_) reverse(deal, true);
    check();
    const v1::Ledger l = ledger();
    for (const v1::AccountBalance& b : l.balances()) EXPECT_EQ(b.balance().minor_units(), 0) << b.account();
    EXPECT_TRUE(books_.parked.empty());
    const auto replayed = books_.replay();
    EXPECT_EQ(replayed, books_.bytes());
    EXPECT_EQ(replayed, books_.replay());
  }

 private:
  v1::Ledger ledger() const { return books_.state<Ledger>(kLedger); }

  void win() {
    const std::int64_t cents = 1 + static_cast<std::int64_t>(below(chance_, 60'000));
    const std::string at = below(chance_, 2) == 0 ? "2026-10-05T10:00:00Z" : "2026-11-05T10:00:00Z";
    deals_.push_back({won("deal-" + std::to_string(deals_.size()), cents, at), cents});
    if (below(chance_, 2) == 0) deals_.back().won.set_product("crm");
    books_.tell(deals_.back().won);
  }

  void reverse(Deal& deal, bool all) {
    if (deal.left == 0) return;
    const std::int64_t cents = all ? deal.left : 1 + static_cast<std::int64_t>(below(chance_, deal.left));
    deal.left -= cents;
    const auto event = reversed(deal.won, "reversal-" + std::to_string(++reversals_), cents, deal.left == 0);
    books_.tell(event);
    if (below(chance_, 3) == 0) books_.tell(event);  // it comes twice
  }

  void check() const {
    const v1::Ledger l = ledger();
    ASSERT_EQ(sum_of_balances(l), 0);
    std::int64_t due = 0, deals = 0, statements = 0;
    for (const v1::LedgerPeriod& p : l.periods()) {
      due += p.earned().minor_units() - p.clawed_back().minor_units();
      statements += books_.state<Statement>("ana/" + p.period() + "/EUR").total().minor_units();
    }
    for (const v1::LedgerDeal& deal : l.deals()) {
      ASSERT_GE(deal.earned(), 0);
      ASSERT_LE(deal.clawed_back(), deal.earned()) << "never more than was earned";
      ASSERT_LE(deal.credit_taken_back(), deal.credit());
      deals += deal.earned() - deal.clawed_back();
    }
    ASSERT_EQ(payable(l), due);
    ASSERT_EQ(payable(l), deals);
    ASSERT_EQ(payable(l), statements);
  }

  SeededChance chance_;
  Books books_;
  std::vector<Deal> deals_;
  int reversals_ = 0;
};

TEST(AnyHistory, BalancesAndARefundOfEverythingLeavesNothing) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    AnyHistory(seed).run();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(AnyHistory, TheTotalDoesNotDependOnTheOrder) {
  SeededChance chance(5);
  for (int round = 0; round < 8; ++round) {
    v1::PlanDefinition plan = random_plan(chance);
    plan.clear_product_rates();
    std::vector<sales::v1::DealWon> deals;
    std::int64_t credit = 0;
    for (int i = 0; i < 10; ++i) {
      const auto cents = 1 + static_cast<std::int64_t>(below(chance, 40'000));
      credit += cents;
      deals.push_back(won("deal-" + std::to_string(i), cents));
    }
    const auto f = price(bands_of(plan, {}).value(), 0, credit, credit, Decimal::whole(1))->value.rounded();
    const std::int64_t expected = plan.has_cap() ? std::min(f.value(), plan.cap().minor_units()) : f.value();
    for (int order = 0; order < 4; ++order) {
      for (std::size_t i = deals.size() - 1; i > 0; --i) std::swap(deals[i], deals[below(chance, i + 1)]);
      Books books;
      books.ask<Plan>("ae-2026", publish("ae-2026", kYear, plan));
      for (const auto& deal : deals) books.tell(deal);
      ASSERT_EQ(payable(books.state<Ledger>(kLedger)), expected);
    }
  }
}

}  // namespace
}  // namespace tandem::incentives
