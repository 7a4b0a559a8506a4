#include "services/incentives/entries.h"

#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/money.h"

namespace tandem::incentives {
namespace {

std::string at_rate(const Decimal& rate, const Decimal& factor) {
  if (factor == Decimal::whole(1)) return rate.to_percent();
  return rate.to_percent() + " x " + factor.to_string() + " for the product";
}

void add_leg(v1::Entry& entry, std::string account, std::int64_t minor, const std::string& currency) {
  v1::Leg* leg = entry.add_legs();
  leg->set_account(std::move(account));
  *leg->mutable_amount() = money(minor, currency);
}

}  // namespace

std::string entry_id(std::string_view owner, std::string_view of, v1::EntryKind kind) {
  return tandem::entry_id(owner, of, v1::EntryKind_Name(kind));
}

type::v1::Money money(std::int64_t minor, const std::string& currency) { return to_proto(Money{minor, currency}); }

void set_amount(v1::Entry& entry, std::int64_t minor, const std::string& currency) {
  *entry.mutable_amount() = money(minor, currency);
  if (minor == 0) return;
  add_leg(entry, "expense", minor, currency);
  add_leg(entry, "payable:" + entry.payee(), -minor, currency);
}

void post(const v1::Entry& entry, google::protobuf::RepeatedPtrField<v1::AccountBalance>& balances) {
  for (const v1::Leg& leg : entry.legs()) {
    v1::AccountBalance* balance = nullptr;
    for (v1::AccountBalance& b : balances) {
      if (b.account() == leg.account()) balance = &b;
    }
    if (balance == nullptr) {
      balance = balances.Add();
      balance->set_account(leg.account());
      *balance->mutable_balance() = money(0, leg.amount().currency());
    }
    type::v1::Money& sum = *balance->mutable_balance();
    sum.set_minor_units(sum.minor_units() + leg.amount().minor_units());
  }
}

std::string Working::amount_text(std::int64_t minor) const {
  return format_minor(minor, currency_exponent(currency_).value_or(0));
}

v1::WorkingLine& Working::add(std::string text, std::int64_t credit, std::int64_t amount) {
  v1::WorkingLine& line = *entry_.add_working();
  line.set_text(std::move(text));
  *line.mutable_credit() = money(credit, currency_);
  *line.mutable_amount() = money(amount, currency_);
  return line;
}

void Working::note(std::string text) { entry_.add_working()->set_text(std::move(text)); }

void Working::slice(const Slice& slice, const Decimal& factor, std::int64_t amount) {
  const std::int64_t credit = slice.to - slice.from;
  v1::WorkingLine& line =
      add(amount_text(credit) + " of credit from " + amount_text(slice.from) + " to " + amount_text(slice.to) +
              " in tier " + std::to_string(slice.tier) + " at " + at_rate(slice.rate, factor),
          credit, amount);
  line.set_tier(slice.tier);
  line.set_rate(slice.rate.to_string());
}

void Working::true_up(const v1::LedgerDeal& deal, std::uint32_t tier, const Decimal& rate, const Decimal& factor,
                      std::int64_t amount) {
  const std::int64_t credit = deal.credit() - deal.credit_taken_back();
  v1::WorkingLine& line = add(amount_text(credit) + " of credit of deal " + deal.deal() + ", now in tier " +
                                  std::to_string(tier) + " at " + at_rate(rate, factor) + ", less what it was paid at",
                              credit, amount);
  line.set_tier(tier);
  line.set_rate(rate.to_string());
}

void Working::more_true_ups(int deals, std::int64_t credit, std::int64_t amount) {
  if (deals == 0) return;
  add(amount_text(credit) + " of credit of " + std::to_string(deals) + " more deals of the period, in the same way",
      credit, amount);
}

void Working::cap(std::int64_t cap, const std::string& period, std::int64_t due, std::int64_t paid) {
  if (due == paid) return;
  add("the cap of " + amount_text(cap) + " in " + period + " leaves " + amount_text(paid) + " of " + amount_text(due),
      0, paid - due);
}

void Working::clawback(const v1::LedgerDeal& deal, std::int64_t taken, std::int64_t amount) {
  add(amount_text(taken) + " of the credit of " + amount_text(deal.credit() - deal.credit_taken_back()) +
          " that deal " + deal.deal() + " had left goes back, and with it that part of its commission of " +
          amount_text(deal.earned() - deal.clawed_back()),
      -taken, amount);
}

}  // namespace tandem::incentives
