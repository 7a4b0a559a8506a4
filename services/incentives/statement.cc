#include "services/incentives/statement.h"

#include <algorithm>
#include <string>

#include "services/incentives/entries.h"
#include "shared/aggregate/convert.h"
#include "shared/base/money.h"

namespace tandem::incentives {
namespace {

bool is_posted(const v1::Statement& s, const std::string& entry) {
  return std::any_of(s.lines().begin(), s.lines().end(),
                     [&](const v1::StatementLine& line) { return line.entry() == entry; });
}

bool is_closed(const v1::Statement& s) {
  return s.status() == v1::STATEMENT_STATUS_APPROVED || s.status() == v1::STATEMENT_STATUS_PAID;
}

// A period is checked before it gets into an event, so this one can be read.
std::string next_period(const std::string& period) { return parse_period(period).value().next().to_string(); }

Error not_there() {
  return reject(Code::kNotFound, "statement", "has no entry, or does not exist",
                "list the payee's statements; an id is payee/period/currency");
}

std::string total_text(const v1::Statement& s) { return format_money(to_money(s.total())); }

v1::EntryPosted posted(const v1::PostEntry& c) {
  v1::EntryPosted e;
  e.set_statement(c.statement());
  e.set_payee(c.entry().payee());
  e.set_period(c.period());
  *e.mutable_entry() = c.entry();
  e.set_prior_period(c.entry().period() != c.period());
  return e;
}

v1::EntryDeferred deferred(const v1::PostEntry& c) {
  v1::EntryDeferred e;
  e.set_statement(c.statement());
  e.set_payee(c.entry().payee());
  e.set_period(c.period());
  e.set_next_period(next_period(c.period()));
  *e.mutable_entry() = c.entry();
  return e;
}

}  // namespace

Decision Statement::decide(const State& s, const v1::PostEntry& c, const Context&) {
  if (is_posted(s, c.entry().entry())) return nothing();
  if (!parse_period(c.period()).ok()) {
    return reject(Code::kInvalidArgument, "period", "\"" + c.period() + "\" is not a period",
                  "write a month like 2026-10 or a quarter like 2026-Q4");
  }
  if (is_closed(s)) return deferred(c);
  const auto total = add_minor(s.total().minor_units(), c.entry().amount().minor_units());
  if (!total.ok()) {
    return reject(Code::kOutOfRange, "entry.amount.minor_units", "makes the statement's total too large",
                  "approve the statement, then retry: the entry goes to the next one");
  }
  return posted(c);
}

Decision Statement::decide(const State& s, const v1::ApproveStatement& c, const Context& context) {
  if (s.statement().empty()) return not_there();
  if (c.has_expected_total() && to_money(c.expected_total()) != to_money(s.total())) {
    return reject(
        Code::kFailedPrecondition, "expected_total",
        "is " + format_money(to_money(c.expected_total())) + ", but the statement's total is " + total_text(s),
        "read the statement again and approve what it says now");
  }
  if (is_closed(s)) return nothing();
  v1::StatementApproved e;
  e.set_statement(s.statement());
  e.set_payee(s.payee());
  e.set_period(s.period());
  *e.mutable_total() = s.total();
  e.set_entries(static_cast<std::uint32_t>(s.lines_size()));
  e.set_approved_by(context.caller().shown());
  return e;
}

Decision Statement::decide(const State& s, const v1::PayStatement& c, const Context&) {
  if (s.statement().empty()) return not_there();
  if (s.status() == v1::STATEMENT_STATUS_PAID) {
    if (c.payment_reference().empty() || c.payment_reference() == s.payment_reference()) return nothing();
    return reject(Code::kFailedPrecondition, "payment_reference",
                  s.payment_reference().empty() ? "is new, but the statement is paid already"
                                                : "is not " + s.payment_reference() + ", by which it was paid",
                  "do not pay it a second time");
  }
  if (s.status() != v1::STATEMENT_STATUS_APPROVED) {
    return reject(Code::kFailedPrecondition, "statement", "is not approved", "approve it first");
  }
  const std::int64_t total = s.total().minor_units();
  v1::PayoutMade e;
  e.set_statement(s.statement());
  e.set_payee(s.payee());
  e.set_period(s.period());
  *e.mutable_amount() = money(std::max<std::int64_t>(total, 0), s.currency());
  *e.mutable_carried_forward() = money(std::min<std::int64_t>(total, 0), s.currency());
  e.set_next_period(next_period(s.period()));
  e.set_payment_reference(c.payment_reference());
  if (total <= 0) return e;
  v1::Leg& payable = *e.add_legs();
  payable.set_account("payable:" + s.payee());
  *payable.mutable_amount() = money(total, s.currency());
  v1::Leg& cash = *e.add_legs();
  cash.set_account("cash");
  *cash.mutable_amount() = money(-total, s.currency());
  return e;
}

void Statement::evolve(State& s, const v1::EntryPosted& e, const EventMeta& meta) {
  const type::v1::Money& amount = e.entry().amount();
  if (s.statement().empty()) {
    s.set_statement(e.statement());
    s.set_payee(e.payee());
    s.set_period(e.period());
    s.set_currency(amount.currency());
    s.set_status(v1::STATEMENT_STATUS_OPEN);
    *s.mutable_total() = money(0, amount.currency());
    *s.mutable_created_at() = to_timestamp(meta.recorded_at);
  }
  s.mutable_total()->set_minor_units(s.total().minor_units() + amount.minor_units());
  v1::StatementLine& line = *s.add_lines();
  line.set_entry(e.entry().entry());
  line.set_kind(e.entry().kind());
  line.set_amount_minor_units(amount.minor_units());
  line.set_deal(e.entry().deal());
  line.set_plan(e.entry().plan());
  line.set_plan_version(e.entry().plan_version());
  if (e.prior_period()) line.set_prior_period(e.entry().period());
}

void Statement::evolve(State& s, const v1::StatementApproved& e, const EventMeta& meta) {
  s.set_status(v1::STATEMENT_STATUS_APPROVED);
  s.set_approved_by(e.approved_by());
  *s.mutable_approved_at() = to_timestamp(meta.occurred_at);
}

void Statement::evolve(State& s, const v1::PayoutMade& e, const EventMeta& meta) {
  s.set_status(v1::STATEMENT_STATUS_PAID);
  *s.mutable_paid() = e.amount();
  *s.mutable_carried_forward() = e.carried_forward();
  s.set_payment_reference(e.payment_reference());
  *s.mutable_paid_at() = to_timestamp(meta.occurred_at);
}

Indexes Statement::indexes(const State& s) {
  return {
      s.period(),
      {{"payee", s.payee()}, {"period", s.period()}, {"currency", s.currency()}, {"status", enum_label(s.status())}}};
}

}  // namespace tandem::incentives
