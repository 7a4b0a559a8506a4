#include "services/marketing/lead.h"

#include "services/marketing/lead_testing.h"
#include "services/marketing/scoring_policy.h"
#include "shared/aggregate/spec.h"

namespace tandem::marketing {
namespace {

template <class T>
T of_lead() {
  T t;
  t.set_lead(kLead);
  return t;
}

v1::LeadDisqualified disqualified(const std::string& reason, const std::string& by) {
  auto e = of_lead<v1::LeadDisqualified>();
  e.set_customer(customer_id(kLead));
  e.set_reason(reason);
  e.set_disqualified_by(by);
  return e;
}

v1::LeadQualified qualified(int points, const std::string& by, const std::string& team = "dach") {
  const v1::LeadCaptured c = captured();
  auto e = of_lead<v1::LeadQualified>();
  e.set_customer(c.customer());
  e.set_team(team);
  *e.mutable_facts() = c.facts();
  e.set_points(points);
  e.set_qualified_by(by);
  *e.mutable_first_touch() = c.touch();
  *e.mutable_captured_at() = to_timestamp(parse_instant("2026-03-01T09:00:00Z").value());
  return e;
}

v1::DisqualifyLead disqualify(const std::string& reason) {
  auto c = of_lead<v1::DisqualifyLead>();
  c.set_reason(reason);
  return c;
}

v1::LeadCaptured held(const std::string& team) {
  auto e = captured(80);
  e.set_routing(v1::ROUTING_HELD);
  e.set_team(team);
  return e;
}

SPEC(Lead, IsQualifiedByTheThreshold) {
  id(kLead);
  at_time("2026-03-01T09:00:00Z");
  happened_at("2026-02-28T20:00:00Z");
  given(captured(50));
  at_time("2026-03-01T09:00:01Z");
  when(of_lead<v1::QualifyByScore>());
  then(qualified(50, ""));
  EXPECT_EQ(state().status(), v1::LEAD_STATUS_QUALIFIED);
  EXPECT_EQ(state().qualified_at().seconds(), state().recorded_at().seconds() + 1);
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, IsNotQualifiedBelowTheThreshold) {
  given(captured(49));
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, IsNotQualifiedByPointsThatItHasLostMeanwhile) {
  given(captured(50));
  auto scored = of_lead<v1::LeadScored>();
  *scored.mutable_score() = captured(10).score();
  given(scored);
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, IsNotQualifiedByAThresholdThatNobodyPublished) {
  auto e = captured(0, 0);
  e.mutable_score()->set_policy_version(0);
  given(e);
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, IsQualifiedByHandWhateverItsPoints) {
  at_time("2026-03-01T09:00:00Z");
  caller("mia", "marketing_manager");
  given(captured(3));
  when(of_lead<v1::QualifyLead>());
  then(qualified(3, "mia"));
  EXPECT_EQ(state().qualified_by(), "mia");
  when(of_lead<v1::QualifyLead>());
  then_nothing();
}

SPEC(Lead, ByHandNeverLooksLikeByTheThreshold) {
  at_time("2026-03-01T09:00:00Z");
  caller("", "service");
  given(captured(3));
  when(of_lead<v1::QualifyLead>());
  then(qualified(3, "service"));
}

SPEC(Lead, ThatIsHeldIsQualifiedByHandOnly) {
  at_time("2026-03-01T09:00:00Z");
  caller("mia", "marketing_manager");
  given(held("dach"));
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
  when(of_lead<v1::QualifyLead>());
  then(qualified(80, "mia"));
}

SPEC(Lead, WithoutATeamAsksForOne) {
  at_time("2026-03-01T09:00:00Z");
  caller("mia", "marketing_manager");
  given(held(""));
  when(of_lead<v1::QualifyLead>());
  then_rejected(Code::kInvalidArgument, "team");
  auto c = of_lead<v1::QualifyLead>();
  c.set_team("france");
  when(c);
  then(qualified(80, "mia", "france"));
  EXPECT_EQ(state().team(), "france");
}

SPEC(Lead, IsDisqualifiedByHandWithAReason) {
  caller("mia", "marketing_manager");
  given(captured(80));
  when(disqualify("student"));
  then(disqualified("student", "mia"));
  EXPECT_EQ(state().status(), v1::LEAD_STATUS_DISQUALIFIED);
  EXPECT_EQ(state().disqualification_reason(), "student");
  when(disqualify("again"));
  then_nothing();
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, ThatWasDisqualifiedCanBeQualifiedByHand) {
  at_time("2026-03-01T09:00:00Z");
  caller("mia", "marketing_manager");
  given(captured(80), disqualified("student", "mia"));
  when(of_lead<v1::QualifyLead>());
  then(qualified(80, "mia"));
  EXPECT_FALSE(state().has_disqualified_at());
  EXPECT_EQ(state().disqualification_reason(), "");
}

SPEC(Lead, ThatIsWithSalesIsNotDisqualified) {
  given(captured(80), qualified(80, ""));
  when(disqualify("student"));
  then_rejected(Code::kFailedPrecondition, "lead");
}

SPEC(Lead, WhoCannotBeReachedIsDisqualifiedAtTheThreshold) {
  auto e = captured(80);
  e.mutable_person()->set_email("a@b.invalid");
  e.mutable_facts()->set_email_domain("b.invalid");
  given(e);
  when(of_lead<v1::QualifyByScore>());
  then(disqualified("the e-mail domain b.invalid does not exist, and there is no telephone number", ""));
}

SPEC(Lead, WhoCanBeReachedByTelephoneIsQualified) {
  auto e = captured(80);
  e.mutable_person()->set_phone("+4915112345678");
  e.mutable_facts()->set_email_domain("b.invalid");
  given(e);
  when(of_lead<v1::QualifyByScore>());
  then_event<v1::LeadQualified>();
}

SPEC(Lead, WhatIsNotKnownIsNotFound) {
  when(of_lead<v1::QualifyByScore>());
  then_rejected(Code::kNotFound, "lead");
  when(of_lead<v1::QualifyLead>());
  then_rejected(Code::kNotFound, "lead");
  when(disqualify("x"));
  then_rejected(Code::kNotFound, "lead");
  when(of_lead<v1::RescoreLead>());
  then_rejected(Code::kNotFound, "lead");
}

v1::LeadCaptured captured_with_an_address_that_does_not_exist() {
  auto e = captured(80);
  e.mutable_person()->set_email("a@b.invalid");
  e.mutable_facts()->set_email_domain("b.invalid");
  return e;
}

v1::TouchRecorded with_a_telephone_number() {
  const auto c = captured_with_an_address_that_does_not_exist();
  auto e = of_lead<v1::TouchRecorded>();
  *e.mutable_person() = c.person();
  e.mutable_person()->set_phone("+4915112345678");
  *e.mutable_facts() = c.facts();
  *e.mutable_score() = c.score();
  e.set_team(c.team());
  return e;
}

SPEC(Lead, ThatARuleDisqualifiedIsQualifiedWhenTheReasonIsGone) {
  given(captured_with_an_address_that_does_not_exist());
  when(of_lead<v1::QualifyByScore>());
  then_event<v1::LeadDisqualified>();
  given(with_a_telephone_number());
  when(of_lead<v1::QualifyByScore>());
  EXPECT_EQ(then_event<v1::LeadQualified>().qualified_by(), "");
  EXPECT_EQ(state().status(), v1::LEAD_STATUS_QUALIFIED);
  EXPECT_FALSE(state().has_disqualified_at());
  EXPECT_EQ(state().disqualification_reason(), "");
  const std::pair<std::string, std::string> status{"status", "QUALIFIED"};
  EXPECT_EQ(Lead::indexes(state()).by.front(), status);
}

SPEC(Lead, ThatARuleDisqualifiedStaysSoWhileThereIsAReason) {
  given(captured_with_an_address_that_does_not_exist());
  when(of_lead<v1::QualifyByScore>());
  then_event<v1::LeadDisqualified>();
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, ThatARuleDisqualifiedCanBeDisqualifiedForGoodByHand) {
  caller("mia", "marketing_manager");
  given(captured_with_an_address_that_does_not_exist());
  when(of_lead<v1::QualifyByScore>());
  when(disqualify("student"));
  then(disqualified("student", "mia"));
  given(with_a_telephone_number());
  when(of_lead<v1::QualifyByScore>());
  then_nothing();
}

SPEC(Lead, IsScoredAgainByThePolicyInForce) {
  at_time("2026-03-01T09:00:00Z");
  reference<ScoringPolicy>("default", policy_with(30, 25));
  given(captured(0));
  when(of_lead<v1::RescoreLead>());
  const auto e = then_event<v1::LeadScored>();
  EXPECT_EQ(e.customer(), customer_id(kLead));
  EXPECT_EQ(e.score().points(), 30);
  EXPECT_EQ(e.score().threshold(), 25);
  EXPECT_EQ(e.routing(), v1::ROUTING_AUTOMATIC);
  EXPECT_EQ(state().score().points(), 30);
  when(of_lead<v1::RescoreLead>());
  then_nothing();
}

SPEC(Lead, ListsFindItByStatusCampaignAndTeam) {
  at_time("2026-03-01T09:00:00Z");
  happened_at("2026-02-28T20:00:00Z");
  given(captured());
  const Indexes indexes = Lead::indexes(state());
  EXPECT_EQ(indexes.order, order_key(parse_instant("2026-02-28T20:00:00Z").value()));
  const std::vector<std::pair<std::string, std::string>> by{
      {"status", "NEW"}, {"campaign", "spring"}, {"team", "dach"}};
  EXPECT_EQ(indexes.by, by);
}

}  // namespace
}  // namespace tandem::marketing
