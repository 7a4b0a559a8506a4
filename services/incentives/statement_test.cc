#include "services/incentives/statement.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::incentives {
namespace {

class StatementSpec : public Spec<Statement> {
 protected:
  StatementSpec() {
    id("ana/2026-10/EUR");
    at_time("2026-11-02T09:00:00Z");
    caller("finn", "finance");
  }
  static v1::PostEntry post(const std::string& entry, std::int64_t cents, const std::string& period = "2026-10") {
    v1::PostEntry c;
    c.set_statement("ana/2026-10/EUR");
    c.set_period("2026-10");
    c.mutable_entry()->set_entry(entry);
    c.mutable_entry()->set_kind(v1::ENTRY_KIND_EARNING);
    c.mutable_entry()->set_payee("ana");
    c.mutable_entry()->set_period(period);
    *c.mutable_entry()->mutable_amount() = eur(cents);
    return c;
  }
  static v1::ApproveStatement approve() {
    v1::ApproveStatement c;
    c.set_statement("ana/2026-10/EUR");
    return c;
  }
  static v1::PayStatement pay(const std::string& reference = "") {
    v1::PayStatement c;
    c.set_statement("ana/2026-10/EUR");
    c.set_payment_reference(reference);
    return c;
  }
};

TEST_F(StatementSpec, TakesAnEntryOnce) {
  when(post("e1", 500));
  EXPECT_FALSE(then_event<v1::EntryPosted>().prior_period());
  when(post("e1", 500));
  then_nothing();
  when(post("e2", -200, "2026-09"));
  EXPECT_TRUE(then_event<v1::EntryPosted>().prior_period());
  EXPECT_EQ(state().status(), v1::STATEMENT_STATUS_OPEN);
  EXPECT_EQ(state().total().minor_units(), 300);
  ASSERT_EQ(state().lines_size(), 2);
  EXPECT_EQ(state().lines(0).prior_period(), "");
  EXPECT_EQ(state().lines(1).prior_period(), "2026-09");
  EXPECT_EQ(Statement::indexes(state()).by,
            (decltype(Indexes::by){{"payee", "ana"}, {"period", "2026-10"}, {"currency", "EUR"}, {"status", "OPEN"}}));
}

TEST_F(StatementSpec, IsApprovedOnce) {
  when(post("e1", 500));
  when(approve());
  const auto e = then_event<v1::StatementApproved>();
  EXPECT_EQ(e.total().minor_units(), 500);
  EXPECT_EQ(e.entries(), 1u);
  EXPECT_EQ(e.approved_by(), "finn");
  EXPECT_EQ(state().approved_at().seconds(), time_at("2026-11-02T09:00:00Z").seconds());
  when(approve());
  then_nothing();
}

TEST_F(StatementSpec, TheApproverSaysWhatTheySaw) {
  when(post("e1", 500));
  auto c = approve();
  *c.mutable_expected_total() = eur(499);
  when(c);
  then_rejected(Code::kFailedPrecondition, "expected_total");
  c.mutable_expected_total()->set_minor_units(500);
  c.mutable_expected_total()->set_currency("USD");
  when(c);
  then_rejected(Code::kFailedPrecondition, "expected_total");
  c.mutable_expected_total()->set_currency("EUR");
  when(c);
  then_event<v1::StatementApproved>();
}

TEST_F(StatementSpec, WhatDoesNotExistIsNotFound) {
  when(approve());
  then_rejected(Code::kNotFound, "statement");
  when(pay());
  then_rejected(Code::kNotFound, "statement");
}

TEST_F(StatementSpec, ClosedItNeverChanges) {
  when(post("e1", 500));
  when(approve());
  for (int i = 0; i < 2; ++i) {
    const std::string before = state().SerializeAsString();
    when(post("e2", 700));
    const auto e = then_event<v1::EntryDeferred>();
    EXPECT_EQ(e.next_period(), "2026-11");
    EXPECT_EQ(e.entry().entry(), "e2");
    EXPECT_EQ(state().SerializeAsString(), before);
    when(post("e1", 500));
    then_nothing();
    if (i == 0) when(pay());
  }
  EXPECT_EQ(state().status(), v1::STATEMENT_STATUS_PAID);
}

TEST_F(StatementSpec, IsPaidWhenApprovedAndOnce) {
  when(post("e1", 500));
  when(pay("sepa-1"));
  then_rejected(Code::kFailedPrecondition, "statement");
  when(approve());
  when(pay("sepa-1"));
  const auto e = then_event<v1::PayoutMade>();
  EXPECT_EQ(e.amount().minor_units(), 500);
  EXPECT_EQ(e.carried_forward().minor_units(), 0);
  ASSERT_EQ(e.legs_size(), 2);
  EXPECT_EQ(e.legs(0).account(), "payable:ana");
  EXPECT_EQ(e.legs(0).amount().minor_units(), 500);
  EXPECT_EQ(e.legs(1).account(), "cash");
  EXPECT_EQ(e.legs(1).amount().minor_units(), -500);
  when(pay("sepa-1"));
  then_nothing();
  when(pay());
  then_nothing();
  when(approve());
  then_nothing();
  when(pay("sepa-2"));
  then_rejected(Code::kFailedPrecondition, "payment_reference");
}

TEST_F(StatementSpec, ADebtIsCarriedForward) {
  when(post("e1", -500));
  when(approve());
  when(pay());
  const auto e = then_event<v1::PayoutMade>();
  EXPECT_EQ(e.amount().minor_units(), 0);
  EXPECT_EQ(e.carried_forward().minor_units(), -500);
  EXPECT_EQ(e.next_period(), "2026-11");
  EXPECT_EQ(e.legs_size(), 0);
}

TEST_F(StatementSpec, OddEntriesAreRefused) {
  auto c = post("e1", 1);
  c.set_period("October");
  when(c);
  then_rejected(Code::kInvalidArgument, "period");
  when(post("e1", INT64_MAX));
  when(post("e2", 1));
  then_rejected(Code::kOutOfRange, "entry.amount.minor_units");
}

}  // namespace
}  // namespace tandem::incentives
