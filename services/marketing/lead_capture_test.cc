#include "services/marketing/campaign.h"
#include "services/marketing/lead.h"
#include "services/marketing/lead_testing.h"
#include "services/marketing/score.h"
#include "services/marketing/scoring_policy.h"
#include "shared/aggregate/spec.h"

namespace tandem::marketing {
namespace {

// On the first of March, with a campaign that is launched and a policy of 40 points for an address and 15 for a second
// touch.
class Capture : public Spec<Lead> {
 protected:
  Capture() {
    id(kLead);
    at_time("2026-03-01T09:00:00Z");
    cause("request-1");
    reference<Campaign>("spring", spring());
    reference<ScoringPolicy>("default", policy_with(40, 50));
  }
};

std::vector<std::string> fields_of(const Decision& decision) {
  std::vector<std::string> fields;
  if (decision.is_rejection()) {
    for (const Violation& v : decision.rejection().violations) fields.push_back(v.field);
  }
  return fields;
}

TEST_F(Capture, MakesALeadOfSomebodyNew) {
  when(capture());
  auto expected = captured(40);
  expected.mutable_touch()->set_touch(context().derived_id("touch"));
  *expected.mutable_touch()->mutable_occurred_at() = to_timestamp(context().occurred_at());
  auto* line = expected.mutable_score()->add_lines();
  line->set_rule("reachable");
  line->set_points(40);
  line->set_reason("has_email is true");
  then(expected);
  EXPECT_EQ(state().status(), v1::LEAD_STATUS_NEW);
  EXPECT_EQ(state().campaign(), "spring");
  EXPECT_EQ(state().touch_count(), 1u);
  EXPECT_EQ(state().first_touch().touch(), state().touches(0).touch());
}

TEST_F(Capture, SomebodyKnownGetsATouchAndPoints) {
  when(capture());
  at_time("2026-03-05T10:00:00Z");
  cause("request-2");
  when(capture());
  const auto e = then_event<v1::TouchRecorded>();
  EXPECT_EQ(e.customer(), customer_id(kLead));
  EXPECT_EQ(e.score().points(), 55);
  EXPECT_EQ(e.touch().occurred_at().seconds(), 1772704800);
  EXPECT_EQ(state().touch_count(), 2u);
  EXPECT_NE(state().touches(0).touch(), state().touches(1).touch());
  EXPECT_EQ(state().first_touch().touch(), state().touches(0).touch());
}

TEST_F(Capture, TheSameRequestIsOneTouch) {
  when(capture());
  when(capture());
  then_nothing();
}

TEST_F(Capture, TheSameRowIsOneTouchWhateverTheRequestAndTheContent) {
  auto row = capture();
  row.set_external_reference("olist:4711");
  when(row);
  cause("request-2");
  row.mutable_facts()->set_product("proline");
  when(row);
  then_nothing();
  row.set_external_reference("olist:4712");
  when(row);
  then_event<v1::TouchRecorded>();
}

TEST_F(Capture, FillsWhatWasNotKnownAndChangesNothingThatStands) {
  auto first = capture();
  first.mutable_facts()->add_skills("french");
  first.mutable_facts()->mutable_value()->set_currency("EUR");
  when(first);
  cause("request-2");
  auto second = capture();
  second.mutable_person()->set_name("A. Huber");
  second.mutable_person()->set_phone("+49 151 12345678");
  second.mutable_facts()->set_company("Other");
  second.mutable_facts()->set_product("proline");
  second.mutable_facts()->add_skills("german");
  second.mutable_facts()->mutable_value()->set_currency("USD");
  second.mutable_facts()->mutable_value()->set_minor_units(5);
  second.set_team("france");
  when(second);
  const auto e = then_event<v1::TouchRecorded>();
  EXPECT_EQ(e.person().name(), "Ana Huber");
  EXPECT_EQ(e.person().phone(), "+4915112345678");
  EXPECT_EQ(e.facts().company(), "Kranbau Huber");
  EXPECT_EQ(e.facts().product(), "proline");
  ASSERT_EQ(e.facts().skills_size(), 1);
  EXPECT_EQ(e.facts().skills(0), "french");
  EXPECT_EQ(e.facts().value().currency(), "EUR");
  EXPECT_EQ(e.facts().value().minor_units(), 0);
  EXPECT_EQ(e.team(), "dach");
  EXPECT_EQ(state().person().phone(), "+4915112345678");
}

TEST_F(Capture, WithoutACampaignTheOriginIsUnknownAndTheFormIsTheCallers) {
  auto c = capture("");
  c.set_team("dach");
  c.set_form(v1::CAMPAIGN_FORM_SOCIAL);
  c.set_channel("podcast");
  when(c);
  const auto e = then_event<v1::LeadCaptured>();
  EXPECT_EQ(e.touch().campaign(), "");
  EXPECT_EQ(e.touch().form(), v1::CAMPAIGN_FORM_SOCIAL);
  EXPECT_EQ(e.touch().channel(), "podcast");
}

TEST_F(Capture, TheCallersTeamAndChannelGoBeforeTheCampaigns) {
  auto c = capture();
  c.set_team("france");
  c.set_channel("replay");
  c.set_form(v1::CAMPAIGN_FORM_INBOUND);
  when(c);
  const auto e = then_event<v1::LeadCaptured>();
  EXPECT_EQ(e.team(), "france");
  EXPECT_EQ(e.touch().channel(), "replay");
}

TEST_F(Capture, ACallersEmailDomainDoesNotCount) {
  auto c = capture();
  c.mutable_facts()->set_email_domain("competitor.example");
  when(c);
  EXPECT_EQ(then_event<v1::LeadCaptured>().facts().email_domain(), "huber.example");
}

TEST_F(Capture, WithoutAPolicyThereAreNoPoints) {
  happened_at("2025-12-31T00:00:00Z");
  when(capture());
  const auto e = then_event<v1::LeadCaptured>();
  EXPECT_EQ(e.score().points(), 0);
  EXPECT_EQ(e.score().policy_version(), 0u);
  EXPECT_EQ(e.score().lines(0).rule(), "no-policy");
}

// The policy that stands is of January; from April on an address gives 5 points and the threshold is 100.
class LateTouch : public Capture {
 protected:
  LateTouch() {
    auto& april = *policy_.add_versions();
    april = policy_with(5, 100).versions(0);
    april.set_version(2);
    *april.mutable_effective_from() = to_timestamp(parse_instant("2026-04-01T00:00:00Z").value());
    reference<ScoringPolicy>("default", policy_);
    at_time("2026-04-20T09:00:00Z");
  }
  void touch(const std::string& request, const std::string& at) {
    cause(request);
    happened_at(at);
    when(capture());
  }
  // Of a touch in January and one in April.
  std::string score_of_both() {
    v1::Touch touches[2];
    const v1::LeadFacts facts;
    return score({facts, true, false, {&touches[0], &touches[1]}, 2}, "default", &policy_.versions(1))
        .ShortDebugString();
  }

 private:
  v1::ScoringPolicy policy_ = policy_with(40, 50);
};

TEST_F(LateTouch, RecordedInOrderIsScoredByTheNewPolicy) {
  touch("request-1", "2026-01-10T09:00:00Z");
  EXPECT_EQ(then_event<v1::LeadCaptured>().score().policy_version(), 1u);
  touch("request-2", "2026-04-10T09:00:00Z");
  EXPECT_EQ(then_event<v1::TouchRecorded>().score().ShortDebugString(), score_of_both());
}

TEST_F(LateTouch, RecordedLateGivesTheSameScore) {
  touch("request-2", "2026-04-10T09:00:00Z");
  touch("request-1", "2026-01-10T09:00:00Z");
  EXPECT_EQ(then_event<v1::TouchRecorded>().score().ShortDebugString(), score_of_both());
}

TEST_F(LateTouch, FromBeforeAnyPolicyDoesNotTakeThePoints) {
  touch("request-1", "2026-03-01T09:00:00Z");
  touch("request-2", "2025-12-01T09:00:00Z");
  EXPECT_EQ(then_event<v1::TouchRecorded>().score().points(), 55);
}

TEST_F(LateTouch, DoesNotBringBackThePolicyBeforeTheLastScoring) {
  touch("request-1", "2026-03-01T09:00:00Z");
  happened_at("2026-04-20T09:00:00Z");
  v1::RescoreLead again;
  again.set_lead(kLead);
  when(again);
  EXPECT_EQ(then_event<v1::LeadScored>().score().policy_version(), 2u);
  touch("request-2", "2026-01-10T09:00:00Z");
  EXPECT_EQ(then_event<v1::TouchRecorded>().score().policy_version(), 2u);
}

TEST_F(LateTouch, TheNewestIsKnownAlsoWhenItIsTheFirstOfMany) {
  touch("request-0", "2026-04-10T09:00:00Z");
  for (int i = 1; i <= 60; ++i) touch("request-" + std::to_string(i), "2026-01-10T09:00:00Z");
  EXPECT_EQ(state().score().policy_version(), 2u);
}

TEST_F(Capture, RefusesACampaignThatIsNotKnown) {
  when(capture("autumn"));
  then_rejected(Code::kNotFound, "campaign");
}

TEST_F(Capture, RefusesACampaignThatWasNeverLaunchedUnlessItIsHistory) {
  reference<Campaign>("spring", spring(false));
  when(capture());
  then_rejected(Code::kFailedPrecondition, "campaign");
  auto c = capture();
  c.set_routing(v1::ROUTING_HELD);
  when(c);
  EXPECT_EQ(then_event<v1::LeadCaptured>().routing(), v1::ROUTING_HELD);
}

TEST_F(Capture, TakesLeadsOfACampaignThatHasEnded) {
  auto over = spring();
  over.set_status(v1::CAMPAIGN_STATUS_ENDED);
  reference<Campaign>("spring", over);
  when(capture());
  then_event<v1::LeadCaptured>();
}

TEST_F(Capture, NeedsATeamUnlessTheLeadIsHeldOrKnown) {
  auto c = capture("");
  when(c);
  then_rejected(Code::kInvalidArgument, "team");
  c.set_routing(v1::ROUTING_HELD);
  when(c);
  EXPECT_EQ(then_event<v1::LeadCaptured>().team(), "");
  cause("request-2");
  when(capture(""));
  EXPECT_EQ(then_event<v1::TouchRecorded>().routing(), v1::ROUTING_HELD);
  cause("request-3");
  when(capture());
  EXPECT_EQ(then_event<v1::TouchRecorded>().team(), "dach");
}

TEST_F(Capture, NamesAllThatIsWrongAtOnce) {
  auto c = capture();
  c.mutable_person()->set_email("ana");
  c.mutable_person()->set_phone("12");
  c.mutable_facts()->mutable_value()->set_currency("EUR");
  c.mutable_facts()->mutable_value()->set_minor_units(-1);
  c.set_form(v1::CAMPAIGN_FORM_OUTBOUND);
  when(c);
  then_rejected(Code::kInvalidArgument, "person.email");
  EXPECT_EQ(fields_of(Lead::decide({}, c, context())),
            (std::vector<std::string>{"person.email", "person.phone", "facts.value.minor_units", "form"}));
  c = capture("");
  c.mutable_facts()->mutable_value()->set_currency("XXX");
  EXPECT_EQ(fields_of(Lead::decide({}, c, context())), (std::vector<std::string>{"facts.value.currency", "team"}));
}

TEST_F(Capture, ALeadKeepsItsFirstTouchAndTheLastFifty) {
  for (int i = 0; i < 1100; ++i) {
    cause("request-" + std::to_string(i));
    when(capture());
  }
  EXPECT_EQ(state().touch_count(), 1100u);
  EXPECT_EQ(state().touches_size(), 50);
  EXPECT_EQ(state().known_touches_size(), 1000);
  cause("request-0");
  EXPECT_EQ(state().first_touch().touch(), context().derived_id("touch"));
  EXPECT_FALSE(knows_touch(state(), context().derived_id("touch")));
  cause("request-100");
  when(capture());
  then_nothing();
  cause("request-1099");
  EXPECT_EQ(state().touches(49).touch(), context().derived_id("touch"));
  EXPECT_EQ(state().score().points(), 55);
}

TEST_F(Capture, LooksAtCampaignAndPolicy) {
  const References expected{ref<ScoringPolicy>("default"), ref<Campaign>("spring")};
  EXPECT_EQ(Lead::references(capture()), expected);
  EXPECT_EQ(Lead::references(capture("")), References{ref<ScoringPolicy>("default")});
}

}  // namespace
}  // namespace tandem::marketing
