#include "services/incentives/clawback.h"

#include <algorithm>
#include <optional>
#include <string>

#include "services/incentives/entries.h"
#include "services/incentives/ledger.h"
#include "services/incentives/tiers.h"
#include "shared/aggregate/convert.h"

namespace tandem::incentives {
namespace {

bool applied(const v1::LedgerDeal& deal, const std::string& reversal) {
  return std::find(deal.reversals().begin(), deal.reversals().end(), reversal) != deal.reversals().end();
}

// left * taken / remaining, half up; not above `left`, since taken <= remaining.
std::int64_t part_of(std::int64_t left, std::int64_t taken, std::int64_t remaining) {
  return static_cast<std::int64_t>((Int128{left} * taken + remaining / 2) / remaining);
}

void fill_entry(v1::Entry& entry, const v1::ClawBack& c, const v1::LedgerDeal& deal, const v1::CommissionClawedBack& e,
                const Context& context) {
  entry.set_entry(entry_id(e.ledger(), c.reversal(), v1::ENTRY_KIND_CLAWBACK));
  entry.set_kind(v1::ENTRY_KIND_CLAWBACK);
  entry.add_cites(c.deal());
  entry.set_deal(c.deal());
  entry.set_payee(e.payee());
  entry.set_plan(e.plan());
  entry.set_plan_version(deal.plan_version());
  entry.set_period(e.period());
  *entry.mutable_happened_at() = to_timestamp(context.occurred_at());
  entry.set_cause_event(context.cause_event());
}

std::optional<Error> check(const v1::Ledger& s, const v1::ClawBack& c, std::int64_t remaining) {
  if (c.credit().currency() != s.currency()) {
    return reject(Code::kFailedPrecondition, "credit.currency", "is not the deal's, " + s.currency(),
                  "reverse the deal in the currency in which it was won");
  }
  if (c.credit().minor_units() < 0) {
    return reject(Code::kInvalidArgument, "credit.minor_units", "is negative", "give what is taken back as positive");
  }
  if (!c.whole() && c.credit().minor_units() > remaining) {
    return reject(Code::kFailedPrecondition, "credit.minor_units",
                  "is more than the " + std::to_string(remaining) + " that the deal has left",
                  "look for a reversal that was counted twice; discard this command if nothing more is due");
  }
  return std::nullopt;
}

}  // namespace

Decision claw_back(const v1::Ledger& s, const v1::ClawBack& c, const Context& context) {
  const std::optional<int> place = find_deal(s, c.deal());
  if (!place) {
    if (c.credit().minor_units() == 0) return nothing();  // a share too small for a cent: it never earned
    return reject(Code::kFailedPrecondition, "deal", c.deal() + " has earned nothing in this ledger",
                  "retry once its commission is booked; discard this command if it never will be");
  }
  const v1::LedgerDeal& deal = s.deals(*place);
  const std::int64_t remaining = deal.credit() - deal.credit_taken_back();
  if (applied(deal, c.reversal())) return nothing();
  if (auto error = check(s, c, remaining)) return *std::move(error);
  const std::int64_t taken = c.whole() ? remaining : c.credit().minor_units();
  if (taken == 0) return nothing();
  const std::int64_t amount = part_of(deal.earned() - deal.clawed_back(), taken, remaining);

  v1::CommissionClawedBack e;
  e.set_ledger(s.ledger());
  e.set_payee(s.payee());
  e.set_plan(s.plan());
  e.set_deal(c.deal());
  e.set_reversal(c.reversal());
  e.set_period(s.periods(static_cast<int>(deal.period_index())).period());
  *e.mutable_credit() = money(taken, s.currency());
  const ExactSum rated = to_exact(deal.rated());
  const Int128 rest = rated.billionths() - share_of(rated, taken, remaining).billionths();
  auto left = to_proto(ExactSum::of_billionths(rest));
  if (!left.ok()) return left.error();
  *e.mutable_rated() = *left;
  v1::Entry& entry = *e.add_entries();
  fill_entry(entry, c, deal, e, context);
  Working working(entry, s.currency());
  working.clawback(deal, taken, -amount);
  if (!c.reason().empty()) working.note("reason of the reversal: " + c.reason());
  set_amount(entry, -amount, s.currency());
  return e;
}

}  // namespace tandem::incentives
