#include "services/incentives/reactions.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/incentives/entries.h"
#include "services/incentives/entry.h"
#include "services/incentives/ledger.h"
#include "services/incentives/statement.h"
#include "shared/aggregate/convert.h"
#include "shared/base/money.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::incentives {
namespace {

struct Credit {
  std::string payee;
  std::string plan;
  type::v1::Money credit;
  v1::PlanKind kind = v1::PLAN_KIND_DIRECT;
};

// Who gets credit of a deal, one a ledger, in the order of the splits and the manager last, for the whole deal and
// once, however many share it. Nobody without a plan.
std::vector<Credit> credits(const google::protobuf::RepeatedPtrField<sales::v1::Split>& splits,
                            const type::v1::Money& amount, const std::string& manager,
                            const std::string& manager_plan) {
  std::vector<Credit> all;
  for (const sales::v1::Split& split : splits) {
    if (split.payee().empty() || split.plan().empty()) continue;
    auto same = std::find_if(all.begin(), all.end(),
                             [&](const Credit& c) { return c.payee == split.payee() && c.plan == split.plan(); });
    if (same == all.end()) {
      all.push_back({split.payee(), split.plan(), split.credit(), v1::PLAN_KIND_DIRECT});
    } else {
      same->credit.set_minor_units(same->credit.minor_units() + split.credit().minor_units());
    }
  }
  if (!manager.empty() && !manager_plan.empty()) {
    all.push_back({manager, manager_plan, amount, v1::PLAN_KIND_OVERRIDE});
  }
  return all;
}

Commands earn_each(const sales::v1::DealWon& e) {
  Commands commands;
  for (Credit& credit : credits(e.splits(), e.amount(), e.manager(), e.manager_plan())) {
    v1::Earn c;
    c.set_payee(credit.payee);
    c.set_plan(credit.plan);
    c.set_deal(e.opportunity());
    *c.mutable_credit() = credit.credit;
    c.set_product(e.product());
    *c.mutable_won_at() = e.won_at();
    c.set_credit_kind(credit.kind);
    commands.push_back(to<Ledger>(ledger_id(credit.payee, credit.plan), std::move(c)));
  }
  return commands;
}

Commands claw_back_each(const sales::v1::DealReversed& e) {
  Commands commands;
  for (Credit& credit : credits(e.splits(), e.amount(), e.manager(), e.manager_plan())) {
    v1::ClawBack c;
    c.set_payee(credit.payee);
    c.set_plan(credit.plan);
    c.set_deal(e.opportunity());
    c.set_reversal(e.reversal());
    *c.mutable_credit() = credit.credit;
    c.set_whole(e.whole());
    c.set_reason(e.reason());
    commands.push_back(to<Ledger>(ledger_id(credit.payee, credit.plan), std::move(c)));
  }
  return commands;
}

CausedCommand post(const v1::Entry& entry, const std::string& period) {
  v1::PostEntry c;
  c.set_statement(statement_id(entry.payee(), period, entry.amount().currency()));
  c.set_period(period);
  *c.mutable_entry() = entry;
  std::string statement = c.statement();
  return to<Statement>(std::move(statement), std::move(c));
}

CausedCommand record(const v1::Entry& entry) {
  v1::RecordEntry c;
  *c.mutable_entry() = entry;
  return to<Entry>(entry.entry(), std::move(c));
}

template <class Event>
Commands post_all(const Event& e) {
  Commands commands;
  for (const v1::Entry& entry : e.entries()) commands.push_back(post(entry, e.period()));
  return commands;
}

template <class Event>
Commands record_all(const Event& e) {
  Commands commands;
  for (const v1::Entry& entry : e.entries()) commands.push_back(record(entry));
  return commands;
}

// The debt with which the next statement begins. It has no legs: the ledgers have booked it.
v1::Entry carried_forward(const v1::PayoutMade& e, const EventMeta& meta) {
  v1::Entry entry;
  entry.set_entry(entry_id(e.statement(), e.next_period(), v1::ENTRY_KIND_CARRIED_FORWARD));
  entry.set_kind(v1::ENTRY_KIND_CARRIED_FORWARD);
  *entry.mutable_amount() = e.carried_forward();
  entry.set_payee(e.payee());
  entry.set_period(e.period());
  *entry.mutable_happened_at() = to_timestamp(meta.occurred_at);
  entry.set_cause_event(meta.event_id);
  v1::WorkingLine& line = *entry.add_working();
  line.set_text("statement " + e.statement() + " ended at " + format_money(to_money(e.carried_forward())) +
                ": nothing was paid, and this one begins with it");
  *line.mutable_amount() = e.carried_forward();
  return entry;
}

}  // namespace

Reactions reactions() {
  Reactions r;
  r.on<sales::v1::DealWon>(1, earn_each);
  r.on<sales::v1::DealReversed>(2, claw_back_each);
  r.on<v1::CommissionEarned>(3, post_all<v1::CommissionEarned>);
  r.on<v1::CommissionEarned>(4, record_all<v1::CommissionEarned>);
  r.on<v1::CommissionClawedBack>(5, post_all<v1::CommissionClawedBack>);
  r.on<v1::CommissionClawedBack>(6, record_all<v1::CommissionClawedBack>);
  r.on<v1::EntryDeferred>(7, [](const v1::EntryDeferred& e) { return Commands(post(e.entry(), e.next_period())); });
  r.on<v1::PayoutMade>(8, [](const v1::PayoutMade& e, const EventMeta& meta) {
    Commands commands;
    if (e.carried_forward().minor_units() >= 0) return commands;
    const v1::Entry entry = carried_forward(e, meta);
    commands.push_back(post(entry, e.next_period()));
    commands.push_back(record(entry));
    return commands;
  });
  return r;
}

}  // namespace tandem::incentives
