#include "services/incentives/reactions.h"

#include <gtest/gtest.h>

#include "services/incentives/books_testing.h"
#include "services/incentives/entries.h"

namespace tandem::incentives {
namespace {

Commands on(const google::protobuf::Message& event) {
  const Instant at = parse_instant("2026-11-02T09:00:00Z").value();
  return reactions().commands(event, {"cause-1", event.GetDescriptor()->full_name(), {"opportunity", "d1"}, at, at});
}

template <class C>
const C& as(const CausedCommand& command) {
  EXPECT_EQ(command.message->GetDescriptor(), C::descriptor());
  return static_cast<const C&>(*command.message);
}

constexpr std::uint64_t k(std::uint64_t reaction, std::uint64_t index) { return reaction * 65'536 + index; }

sales::v1::DealWon shared_deal() {
  auto e = won("d1", 10'000);
  e.set_product("crm");
  e.mutable_splits(0)->mutable_credit()->set_minor_units(7'500);
  auto& ben = *e.add_splits();
  ben.set_payee("ben");
  ben.set_plan("ae-2026");
  *ben.mutable_credit() = eur(2'500);
  e.set_manager("mia");
  e.set_manager_plan("override-2026");
  return e;
}

TEST(IncentivesReactions, ADealWonEarnsForEachSplitAndTheManager) {
  const auto e = shared_deal();
  const Commands commands = on(e);
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(commands[0].target, ref<Ledger>("ana/ae-2026"));
  EXPECT_EQ(commands[0].k, k(1, 0));
  const auto& ana = as<v1::Earn>(commands[0]);
  EXPECT_EQ(ana.payee(), "ana");
  EXPECT_EQ(ana.plan(), "ae-2026");
  EXPECT_EQ(ana.deal(), "d1");
  EXPECT_EQ(ana.credit().minor_units(), 7'500);
  EXPECT_EQ(ana.product(), "crm");
  EXPECT_EQ(ana.won_at().seconds(), e.won_at().seconds());
  EXPECT_EQ(ana.credit_kind(), v1::PLAN_KIND_DIRECT);
  EXPECT_EQ(commands[1].target, ref<Ledger>("ben/ae-2026"));
  EXPECT_EQ(as<v1::Earn>(commands[1]).credit().minor_units(), 2'500);
  EXPECT_EQ(commands[2].target, ref<Ledger>("mia/override-2026"));
  EXPECT_EQ(commands[2].k, k(1, 2));
  EXPECT_EQ(as<v1::Earn>(commands[2]).credit().minor_units(), 10'000);
  EXPECT_EQ(as<v1::Earn>(commands[2]).credit_kind(), v1::PLAN_KIND_OVERRIDE);
}

TEST(IncentivesReactions, WithoutAPlanNobodyEarns) {
  auto e = shared_deal();
  e.mutable_splits(1)->clear_plan();
  e.clear_manager_plan();
  EXPECT_EQ(on(e).size(), 1u);
}

TEST(IncentivesReactions, TwoSharesOfOnePayeeAreOneCredit) {
  auto e = shared_deal();
  e.mutable_splits(1)->set_payee("ana");
  const Commands commands = on(e);
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(as<v1::Earn>(commands[0]).credit().minor_units(), 10'000);
}

TEST(IncentivesReactions, AReversedDealClawsBackFromTheSame) {
  auto e = reversed(shared_deal(), "r1", 4'000, true);
  e.set_reason("cancelled");
  e.mutable_splits(0)->mutable_credit()->set_minor_units(3'000);
  e.mutable_splits(1)->mutable_credit()->set_minor_units(1'000);
  const Commands commands = on(e);
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(commands[0].target, ref<Ledger>("ana/ae-2026"));
  EXPECT_EQ(commands[0].k, k(2, 0));
  const auto& ana = as<v1::ClawBack>(commands[0]);
  EXPECT_EQ(ana.deal(), "d1");
  EXPECT_EQ(ana.reversal(), "r1");
  EXPECT_EQ(ana.credit().minor_units(), 3'000);
  EXPECT_TRUE(ana.whole());
  EXPECT_EQ(ana.reason(), "cancelled");
  EXPECT_EQ(commands[2].target, ref<Ledger>("mia/override-2026"));
  EXPECT_EQ(as<v1::ClawBack>(commands[2]).credit().minor_units(), 4'000);
}

v1::Entry entry(const std::string& id) {
  v1::Entry e;
  e.set_entry(id);
  e.set_payee("ana");
  e.set_period("2026-10");
  *e.mutable_amount() = eur(500);
  return e;
}

TEST(IncentivesReactions, EntriesArePostedAndRecorded) {
  v1::CommissionEarned earned;
  earned.set_period("2026-10");
  *earned.add_entries() = entry("e1");
  *earned.add_entries() = entry("e2");
  const Commands commands = on(earned);
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[0].target, ref<Statement>("ana/2026-10/EUR"));
  EXPECT_EQ(commands[0].k, k(3, 0));
  EXPECT_EQ(as<v1::PostEntry>(commands[1]).entry().entry(), "e2");
  EXPECT_EQ(as<v1::PostEntry>(commands[1]).period(), "2026-10");
  EXPECT_EQ(commands[2].target, (AggregateRef{"entry", "e1"}));
  EXPECT_EQ(commands[2].k, k(4, 0));
  EXPECT_EQ(as<v1::RecordEntry>(commands[3]).entry().entry(), "e2");

  v1::CommissionClawedBack clawed_back;
  clawed_back.set_period("2026-10");
  *clawed_back.add_entries() = entry("e3");
  const Commands back = on(clawed_back);
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].k, k(5, 0));
  EXPECT_EQ(back[1].k, k(6, 0));
}

TEST(IncentivesReactions, ADeferredEntryGoesToTheNextStatement) {
  v1::EntryDeferred e;
  e.set_next_period("2026-11");
  *e.mutable_entry() = entry("e1");
  const Commands commands = on(e);
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].target, ref<Statement>("ana/2026-11/EUR"));
  EXPECT_EQ(commands[0].k, k(7, 0));
  EXPECT_EQ(as<v1::PostEntry>(commands[0]).period(), "2026-11");
}

TEST(IncentivesReactions, ADebtBeginsTheNextStatement) {
  v1::PayoutMade e;
  e.set_statement("ana/2026-10/EUR");
  e.set_payee("ana");
  e.set_period("2026-10");
  e.set_next_period("2026-11");
  *e.mutable_amount() = eur(0);
  *e.mutable_carried_forward() = eur(-500);
  const Commands commands = on(e);
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].target, ref<Statement>("ana/2026-11/EUR"));
  EXPECT_EQ(commands[0].k, k(8, 0));
  const v1::Entry& carried = as<v1::PostEntry>(commands[0]).entry();
  EXPECT_EQ(carried.kind(), v1::ENTRY_KIND_CARRIED_FORWARD);
  EXPECT_EQ(carried.amount().minor_units(), -500);
  EXPECT_EQ(carried.cause_event(), "cause-1");
  EXPECT_EQ(carried.legs_size(), 0);
  EXPECT_EQ(commands[1].target, (AggregateRef{"entry", carried.entry()}));
  *e.mutable_carried_forward() = eur(0);
  EXPECT_TRUE(on(e).empty());
}

TEST(IncentivesReactions, ReadsSalesAndItself) {
  EXPECT_EQ(reactions().sources(), (std::set<std::string>{"incentives", "sales"}));
}

}  // namespace
}  // namespace tandem::incentives
