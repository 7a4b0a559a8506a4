#include "services/crm/contract.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "shared/aggregate/convert.h"
#include "shared/base/money.h"

namespace tandem::crm {
namespace {

Error unknown(const std::string& contract) {
  return reject(Code::kNotFound, "contract", "\"" + contract + "\" is not known",
                "see whether its signing is parked, and settle that first");
}

bool knows_reversal(const v1::Contract& s, const std::string& reversal) {
  return std::find(s.reversals().begin(), s.reversals().end(), reversal) != s.reversals().end();
}

}  // namespace

Decision Contract::decide(const State& s, const v1::SignContract& c, const Context&) {
  if (!s.contract().empty()) return nothing();
  if (c.customer().empty()) {
    return reject(Code::kInvalidArgument, "customer", "is missing", "a deal must name its customer");
  }
  v1::ContractSigned e;
  e.set_contract(c.contract());
  e.set_customer(c.customer());
  e.set_opportunity(c.opportunity());
  e.set_product(c.product());
  *e.mutable_amount() = c.amount();
  *e.mutable_starts_at() = c.has_starts_at() ? c.starts_at() : c.signed_at();
  if (c.months() > 0) *e.mutable_ends_at() = to_timestamp(months_after(to_instant(e.starts_at()), c.months()));
  e.set_months(c.months());
  *e.mutable_signed_at() = c.signed_at();
  return e;
}

Decision Contract::decide(const State& s, const v1::ReduceContract& c, const Context&) {
  if (s.contract().empty()) return unknown(c.contract());
  if (knows_reversal(s, c.reversal())) return nothing();
  if (s.status() == v1::CONTRACT_STATUS_ENDED) {
    return reject(Code::kFailedPrecondition, "contract", "has ended", "nothing is left to reduce");
  }
  if (c.by().minor_units() <= 0) {
    return reject(Code::kInvalidArgument, "by.minor_units", "is not positive", "give what is taken back");
  }
  if (c.by().currency() != s.amount().currency()) {
    return reject(Code::kInvalidArgument, "by.currency", "is not the contract's, " + s.amount().currency(),
                  "take back in that currency");
  }
  if (c.by().minor_units() > s.amount().minor_units()) {
    return reject(Code::kFailedPrecondition, "by.minor_units",
                  "is more than is left, " + format_money(to_money(s.amount())), "take back at most that");
  }
  v1::ContractReduced e;
  e.set_contract(s.contract());
  e.set_customer(s.customer());
  *e.mutable_by() = c.by();
  *e.mutable_amount() = s.amount();
  e.mutable_amount()->set_minor_units(s.amount().minor_units() - c.by().minor_units());
  e.set_reason(c.reason());
  e.set_reversal(c.reversal());
  return e;
}

Decision Contract::decide(const State& s, const v1::EndContract& c, const Context& ctx) {
  if (s.contract().empty()) return unknown(c.contract());
  if (knows_reversal(s, c.reversal()) || s.status() == v1::CONTRACT_STATUS_ENDED) return nothing();
  v1::ContractEnded e;
  e.set_contract(s.contract());
  e.set_customer(s.customer());
  e.set_reason(c.reason());
  *e.mutable_ended_at() = to_timestamp(ctx.occurred_at());
  e.set_reversal(c.reversal());
  return e;
}

void Contract::evolve(State& s, const v1::ContractSigned& e) {
  s.set_contract(e.contract());
  s.set_customer(e.customer());
  s.set_opportunity(e.opportunity());
  s.set_product(e.product());
  s.set_status(v1::CONTRACT_STATUS_SIGNED);
  *s.mutable_signed_amount() = e.amount();
  *s.mutable_amount() = e.amount();
  *s.mutable_starts_at() = e.starts_at();
  if (e.has_ends_at()) *s.mutable_ends_at() = e.ends_at();
  s.set_months(e.months());
  *s.mutable_signed_at() = e.signed_at();
}

void Contract::evolve(State& s, const v1::ContractReduced& e) {
  *s.mutable_amount() = e.amount();
  s.add_reversals(e.reversal());
}

void Contract::evolve(State& s, const v1::ContractEnded& e) {
  s.set_status(v1::CONTRACT_STATUS_ENDED);
  s.mutable_amount()->set_minor_units(0);
  *s.mutable_ended_at() = e.ended_at();
  s.set_end_reason(e.reason());
  s.add_reversals(e.reversal());
}

Indexes Contract::indexes(const State& s) {
  return {order_key(to_instant(s.signed_at())), {{"customer", s.customer()}, {"status", enum_label(s.status())}}};
}

Instant months_after(Instant from, uint32_t months) {
  const auto day = std::chrono::floor<std::chrono::days>(from);
  std::chrono::year_month_day date = std::chrono::year_month_day(day) + std::chrono::months(months);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return Instant(std::chrono::sys_days(date)) + (from - day);
}

}  // namespace tandem::crm
