#include "services/incentives/ledger.h"

#include <string>

#include "services/incentives/clawback.h"
#include "services/incentives/earning.h"
#include "services/incentives/entries.h"
#include "services/incentives/plan.h"
#include "shared/aggregate/convert.h"

namespace tandem::incentives {
namespace {

std::uint32_t period_index(v1::Ledger& ledger, const std::string& period) {
  for (int i = 0; i < ledger.periods_size(); ++i) {
    if (ledger.periods(i).period() == period) return static_cast<std::uint32_t>(i);
  }
  v1::LedgerPeriod& added = *ledger.add_periods();
  added.set_period(period);
  for (auto* amount : {added.mutable_credited(), added.mutable_credit_taken_back(), added.mutable_earned(),
                       added.mutable_clawed_back()}) {
    *amount = money(0, ledger.currency());
  }
  return static_cast<std::uint32_t>(ledger.periods_size() - 1);
}

void grow(type::v1::Money& sum, std::int64_t by) { sum.set_minor_units(sum.minor_units() + by); }

void begin(v1::Ledger& s, const v1::CommissionEarned& e, const EventMeta& meta) {
  if (!s.ledger().empty()) return;
  s.set_ledger(e.ledger());
  s.set_payee(e.payee());
  s.set_plan(e.plan());
  s.set_currency(e.credit().currency());
  *s.mutable_created_at() = to_timestamp(meta.recorded_at);
}

}  // namespace

References Ledger::references(const v1::Earn& c) { return {ref<Plan>(c.plan())}; }

Decision Ledger::decide(const State& s, const v1::Earn& c, const Context& context) {
  if (find_deal(s, c.deal())) return nothing();
  if (c.credit().minor_units() == 0) return nothing();  // a share too small for a cent
  if (c.credit().minor_units() < 0) {
    return reject(Code::kInvalidArgument, "credit.minor_units", "is negative", "reverse a deal to take credit back");
  }
  const v1::Plan* plan = context.find<Plan>(c.plan());
  if (plan == nullptr || plan->versions().empty()) {
    return reject(Code::kNotFound, "plan", c.plan() + " was never published",
                  "publish it with a version effective from " + format_instant(to_instant(c.won_at())) +
                      " or earlier, then retry this command where it is parked");
  }
  auto event = earn(s, c, *plan, context);
  if (!event.ok()) return event.error();
  return *std::move(event);
}

Decision Ledger::decide(const State& s, const v1::ClawBack& c, const Context& context) {
  return claw_back(s, c, context);
}

void Ledger::evolve(State& s, const v1::CommissionEarned& e, const EventMeta& meta) {
  begin(s, e, meta);
  const std::uint32_t index = period_index(s, e.period());
  v1::LedgerPeriod& period = *s.mutable_periods(static_cast<int>(index));
  grow(*period.mutable_credited(), e.credit().minor_units());
  if (e.has_quota()) *period.mutable_quota() = e.quota();
  *period.mutable_rated() = e.period_rated();
  std::int64_t earned = 0;  // by the deal itself
  for (const v1::Entry& entry : e.entries()) {
    grow(*period.mutable_earned(), entry.amount().minor_units());
    if (entry.kind() != v1::ENTRY_KIND_TRUE_UP) earned += entry.amount().minor_units();
    post(entry, *s.mutable_balances());
  }
  int place = 0;
  for (const v1::TrueUpShare& share : e.true_up_shares()) {
    place = find_deal(s, share.deal(), place).value();
    v1::LedgerDeal& deal = *s.mutable_deals(place);
    deal.set_earned(deal.earned() + share.amount_minor_units());
    *deal.mutable_rated() = share.rated();
    deal.set_retroactive_tier(share.retroactive_tier());
  }
  v1::LedgerDeal& deal = *s.add_deals();
  deal.set_deal(e.deal());
  deal.set_period_index(index);
  deal.set_plan_version(e.plan_version());
  deal.set_credit(e.credit().minor_units());
  deal.set_earned(earned);
  deal.set_factor(e.factor());
  *deal.mutable_rated() = e.rated();
  deal.set_retroactive_tier(e.retroactive_tier());
}

void Ledger::evolve(State& s, const v1::CommissionClawedBack& e) {
  v1::LedgerDeal& deal = *s.mutable_deals(find_deal(s, e.deal()).value());
  v1::LedgerPeriod& period = *s.mutable_periods(static_cast<int>(deal.period_index()));
  for (const v1::Entry& entry : e.entries()) {
    const std::int64_t taken = -entry.amount().minor_units();
    deal.set_clawed_back(deal.clawed_back() + taken);
    grow(*period.mutable_clawed_back(), taken);
    post(entry, *s.mutable_balances());
  }
  deal.set_credit_taken_back(deal.credit_taken_back() + e.credit().minor_units());
  grow(*period.mutable_credit_taken_back(), e.credit().minor_units());
  *deal.mutable_rated() = e.rated();
  deal.add_reversals(e.reversal());
}

Indexes Ledger::indexes(const State& s) {
  return {s.ledger(), {{"payee", s.payee()}, {"plan", s.plan()}, {"currency", s.currency()}}};
}

std::optional<int> find_deal(const v1::Ledger& ledger, std::string_view deal, int from) {
  for (int n = 0; n < ledger.deals_size(); ++n) {
    const int i = (from + n) % ledger.deals_size();
    if (ledger.deals(i).deal() == deal) return i;
  }
  return std::nullopt;
}

}  // namespace tandem::incentives
