#include "services/crm/contract.h"

#include "shared/aggregate/convert.h"
#include "shared/aggregate/spec.h"

namespace tandem::crm {
namespace {

type::v1::Money money(int64_t minor_units, const char* currency = "EUR") {
  type::v1::Money m;
  m.set_minor_units(minor_units);
  m.set_currency(currency);
  return m;
}

google::protobuf::Timestamp time(const std::string& text) { return to_timestamp(parse_instant(text).value()); }

v1::SignContract sign(uint32_t months = 12) {
  v1::SignContract c;
  c.set_contract("contract-1");
  c.set_customer("customer-1");
  c.set_opportunity("opp-1");
  c.set_product("proline");
  *c.mutable_amount() = money(100'000);
  *c.mutable_starts_at() = time("2026-04-01T00:00:00Z");
  c.set_months(months);
  *c.mutable_signed_at() = time("2026-03-15T12:00:00Z");
  return c;
}

v1::ContractSigned signed_for_a_year() {
  v1::ContractSigned e;
  e.set_contract("contract-1");
  e.set_customer("customer-1");
  e.set_opportunity("opp-1");
  e.set_product("proline");
  *e.mutable_amount() = money(100'000);
  *e.mutable_starts_at() = time("2026-04-01T00:00:00Z");
  *e.mutable_ends_at() = time("2027-04-01T00:00:00Z");
  e.set_months(12);
  *e.mutable_signed_at() = time("2026-03-15T12:00:00Z");
  return e;
}

v1::ReduceContract reduce(const std::string& reversal, type::v1::Money by) {
  v1::ReduceContract c;
  c.set_contract("contract-1");
  c.set_reversal(reversal);
  *c.mutable_by() = std::move(by);
  c.set_reason("fewer seats");
  return c;
}

v1::EndContract end(const std::string& reversal) {
  v1::EndContract c;
  c.set_contract("contract-1");
  c.set_reversal(reversal);
  c.set_reason("cancelled");
  return c;
}

SPEC(Contract, IsSignedOnce) {
  when(sign());
  then(signed_for_a_year());
  EXPECT_EQ(state().status(), v1::CONTRACT_STATUS_SIGNED);
  EXPECT_EQ(state().signed_amount().minor_units(), 100'000);
  when(sign());
  then_nothing();
}

SPEC(Contract, OfASingleSaleHasNoEndAndBeginsWhenItIsSigned) {
  auto c = sign(0);
  c.clear_starts_at();
  when(c);
  const auto e = then_event<v1::ContractSigned>();
  EXPECT_FALSE(e.has_ends_at());
  EXPECT_EQ(e.starts_at().seconds(), e.signed_at().seconds());
}

SPEC(Contract, NeedsACustomer) {
  auto c = sign();
  c.clear_customer();
  when(c);
  then_rejected(Code::kInvalidArgument, "customer");
}

SPEC(Contract, IsReducedOnceByEveryReversal) {
  given(signed_for_a_year());
  when(reduce("r1", money(30'000)));
  v1::ContractReduced expected;
  expected.set_contract("contract-1");
  expected.set_customer("customer-1");
  *expected.mutable_by() = money(30'000);
  *expected.mutable_amount() = money(70'000);
  expected.set_reason("fewer seats");
  expected.set_reversal("r1");
  then(expected);
  when(reduce("r1", money(30'000)));
  then_nothing();
  when(reduce("r2", money(70'000)));
  EXPECT_EQ(then_event<v1::ContractReduced>().amount().minor_units(), 0);
  EXPECT_EQ(state().signed_amount().minor_units(), 100'000);
}

SPEC(Contract, IsNeverReducedByWhatIsNotThere) {
  given(signed_for_a_year());
  when(reduce("r1", money(100'001)));
  then_rejected(Code::kFailedPrecondition, "by.minor_units");
  when(reduce("r1", money(0)));
  then_rejected(Code::kInvalidArgument, "by.minor_units");
  when(reduce("r1", money(5, "USD")));
  then_rejected(Code::kInvalidArgument, "by.currency");
}

SPEC(Contract, EndsOnce) {
  at_time("2026-06-01T00:00:00Z");
  given(signed_for_a_year());
  when(end("r1"));
  v1::ContractEnded expected;
  expected.set_contract("contract-1");
  expected.set_customer("customer-1");
  expected.set_reason("cancelled");
  *expected.mutable_ended_at() = time("2026-06-01T00:00:00Z");
  expected.set_reversal("r1");
  then(expected);
  EXPECT_EQ(state().status(), v1::CONTRACT_STATUS_ENDED);
  EXPECT_EQ(state().amount().minor_units(), 0);
  when(end("r1"));
  then_nothing();
  when(end("r2"));
  then_nothing();
  when(reduce("r1", money(1)));
  then_nothing();
  when(reduce("r3", money(1)));
  then_rejected(Code::kFailedPrecondition, "contract");
}

SPEC(Contract, ThatWasNeverSignedIsNotFound) {
  when(reduce("r1", money(1)));
  then_rejected(Code::kNotFound, "contract");
  when(end("r1"));
  then_rejected(Code::kNotFound, "contract");
}

SPEC(Contract, ListsFindItByCustomerAndStatus) {
  given(signed_for_a_year());
  const Indexes indexes = Contract::indexes(state());
  EXPECT_EQ(indexes.order, order_key(parse_instant("2026-03-15T12:00:00Z").value()));
  const std::vector<std::pair<std::string, std::string>> by{{"customer", "customer-1"}, {"status", "SIGNED"}};
  EXPECT_EQ(indexes.by, by);
}

std::string after(const std::string& from, uint32_t months) {
  return format_instant(months_after(parse_instant(from).value(), months));
}

TEST(MonthsAfter, KeepsTheDayOrTakesTheLastOfTheMonth) {
  EXPECT_EQ(after("2026-01-15T10:30:00Z", 1), "2026-02-15T10:30:00Z");
  EXPECT_EQ(after("2026-01-31T10:30:00Z", 1), "2026-02-28T10:30:00Z");
  EXPECT_EQ(after("2028-01-31T10:30:00Z", 1), "2028-02-29T10:30:00Z");
  EXPECT_EQ(after("2028-02-29T00:00:00Z", 12), "2029-02-28T00:00:00Z");
  EXPECT_EQ(after("2026-11-30T23:59:59Z", 3), "2027-02-28T23:59:59Z");
  EXPECT_EQ(after("2026-03-01T00:00:00Z", 600), "2076-03-01T00:00:00Z");
}

}  // namespace
}  // namespace tandem::crm
