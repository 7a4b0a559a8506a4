#include "services/marketing/campaign.h"

#include <limits>

#include "shared/aggregate/spec.h"

namespace tandem::marketing {
namespace {

type::v1::Money euros(int64_t minor_units, const char* currency = "EUR") {
  type::v1::Money m;
  m.set_minor_units(minor_units);
  m.set_currency(currency);
  return m;
}

v1::CampaignDefinition webinar() {
  v1::CampaignDefinition d;
  d.set_name("Spring webinar");
  d.set_form(v1::CAMPAIGN_FORM_INBOUND);
  d.set_channel("webinar");
  d.set_team("dach");
  *d.mutable_budget() = euros(500'000);
  return d;
}

v1::DefineCampaign define(v1::CampaignDefinition d = webinar()) {
  v1::DefineCampaign c;
  c.set_campaign("spring");
  *c.mutable_definition() = std::move(d);
  return c;
}

v1::CampaignDefined defined(v1::CampaignDefinition d = webinar()) {
  v1::CampaignDefined e;
  e.set_campaign("spring");
  *e.mutable_definition() = std::move(d);
  return e;
}

template <class T>
T of_spring() {
  T t;
  t.set_campaign("spring");
  return t;
}

v1::RecordSpend spend(type::v1::Money amount) {
  auto c = of_spring<v1::RecordSpend>();
  *c.mutable_amount() = std::move(amount);
  c.set_note("invoice 7");
  return c;
}

v1::SpendRecorded spent(type::v1::Money amount) {
  auto e = of_spring<v1::SpendRecorded>();
  *e.mutable_amount() = std::move(amount);
  e.set_note("invoice 7");
  return e;
}

SPEC(Campaign, IsDefinedAsADraft) {
  at_time("2026-03-01T09:00:00Z");
  when(define());
  then(defined());
  EXPECT_EQ(state().status(), v1::CAMPAIGN_STATUS_DRAFT);
  EXPECT_EQ(state().spent().currency(), "EUR");
}

SPEC(Campaign, TheSameDefinitionChangesNothing) {
  given(defined());
  when(define());
  then_nothing();
}

SPEC(Campaign, AnotherDefinitionReplacesTheFirstAndKeepsTheRest) {
  given(defined(), of_spring<v1::CampaignLaunched>(), spent(euros(1'000)));
  auto d = webinar();
  d.set_name("Summer webinar");
  when(define(d));
  then(defined(d));
  EXPECT_EQ(state().status(), v1::CAMPAIGN_STATUS_LAUNCHED);
  EXPECT_EQ(state().spent().minor_units(), 1'000);
  EXPECT_EQ(state().definition().name(), "Summer webinar");
}

SPEC(Campaign, EverythingThatADefinitionLacksIsSaidAtOnce) {
  when(define({}));
  then_rejected(Code::kInvalidArgument, "definition.name");
  v1::CampaignDefinition d;
  d.set_name("x");
  *d.mutable_budget() = euros(-1, "XYZ");
  when(define(d));
  then_rejected(Code::kInvalidArgument, "definition.form");
}

TEST(CampaignDefinition, NamesEveryField) {
  const Decision decision = Campaign::decide({}, define({}), Context());
  ASSERT_TRUE(decision.is_rejection());
  std::vector<std::string> fields;
  for (const Violation& v : decision.rejection().violations) fields.push_back(v.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"definition.name", "definition.form", "definition.channel",
                                              "definition.team", "definition.budget"}));
  auto d = webinar();
  *d.mutable_budget() = euros(-1, "XYZ");
  const Decision money = Campaign::decide({}, define(d), Context());
  ASSERT_TRUE(money.is_rejection());
  ASSERT_EQ(money.rejection().violations.size(), 2u);
  EXPECT_EQ(money.rejection().violations[0].field, "definition.budget.currency");
  EXPECT_EQ(money.rejection().violations[1].field, "definition.budget.minor_units");
}

SPEC(Campaign, TheCurrencyStaysOnceMoneyWasSpent) {
  given(defined());
  auto dollars = webinar();
  *dollars.mutable_budget() = euros(1, "USD");
  when(define(dollars));
  then(defined(dollars));
  EXPECT_EQ(state().spent().currency(), "USD");
  when(spend(euros(5, "USD")));
  when(define());
  then_rejected(Code::kFailedPrecondition, "definition.budget.currency");
}

SPEC(Campaign, IsLaunchedOnce) {
  at_time("2026-03-02T09:00:00Z");
  given(defined());
  when(of_spring<v1::LaunchCampaign>());
  then(of_spring<v1::CampaignLaunched>());
  EXPECT_EQ(state().launched_at().seconds(), 1772442000);
  when(of_spring<v1::LaunchCampaign>());
  then_nothing();
}

SPEC(Campaign, WhatIsNotKnownIsNotFound) {
  when(of_spring<v1::LaunchCampaign>());
  then_rejected(Code::kNotFound, "campaign");
  when(of_spring<v1::EndCampaign>());
  then_rejected(Code::kNotFound, "campaign");
  when(spend(euros(1)));
  then_rejected(Code::kNotFound, "campaign");
}

SPEC(Campaign, EndsForGood) {
  given(defined(), of_spring<v1::CampaignLaunched>());
  auto end = of_spring<v1::EndCampaign>();
  end.set_reason("budget used");
  when(end);
  auto expected = of_spring<v1::CampaignEnded>();
  expected.set_reason("budget used");
  then(expected);
  EXPECT_EQ(state().end_reason(), "budget used");
  EXPECT_TRUE(state().has_launched_at());
  when(end);
  then_nothing();
  when(of_spring<v1::LaunchCampaign>());
  then_rejected(Code::kFailedPrecondition, "campaign");
  when(define());
  then_nothing();
  auto d = webinar();
  d.set_team("france");
  when(define(d));
  then_rejected(Code::kFailedPrecondition, "definition");
}

SPEC(Campaign, ADraftCanBeCalledOff) {
  given(defined());
  when(of_spring<v1::EndCampaign>());
  then(of_spring<v1::CampaignEnded>());
  EXPECT_FALSE(state().has_launched_at());
}

SPEC(Campaign, SpendingAddsUpBeyondTheBudgetAndAfterTheEnd) {
  given(defined(), of_spring<v1::CampaignEnded>());
  when(spend(euros(400'000)));
  then(spent(euros(400'000)));
  when(spend(euros(200'000)));
  then(spent(euros(200'000)));
  EXPECT_EQ(state().spent().minor_units(), 600'000);
}

SPEC(Campaign, ARefundIsNeverMoreThanWasSpent) {
  given(defined(), spent(euros(1'000)));
  when(spend(euros(-1'001)));
  then_rejected(Code::kFailedPrecondition, "amount.minor_units");
  when(spend(euros(-1'000)));
  then(spent(euros(-1'000)));
  EXPECT_EQ(state().spent().minor_units(), 0);
}

SPEC(Campaign, SpendingIsInTheBudgetsCurrencyAndNotZeroAndFits) {
  given(defined());
  when(spend(euros(5, "USD")));
  then_rejected(Code::kInvalidArgument, "amount.currency");
  when(spend(euros(0)));
  then_rejected(Code::kInvalidArgument, "amount.minor_units");
  given(spent(euros(1)));
  when(spend(euros(std::numeric_limits<int64_t>::max())));
  then_rejected(Code::kOutOfRange, "amount.minor_units");
}

SPEC(Campaign, ListsFindItByStatusFormAndTeam) {
  at_time("2026-03-01T09:00:00Z");
  given(defined());
  const Indexes indexes = Campaign::indexes(state());
  EXPECT_EQ(indexes.order, order_key(parse_instant("2026-03-01T09:00:00Z").value()));
  const std::vector<std::pair<std::string, std::string>> by{
      {"status", "DRAFT"}, {"definition.form", "INBOUND"}, {"definition.team", "dach"}};
  EXPECT_EQ(indexes.by, by);
}

}  // namespace
}  // namespace tandem::marketing
