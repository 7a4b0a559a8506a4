#include "services/marketing/score.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem::marketing {
namespace {

v1::ScoringRule rule(const char* name, const char* attribute, v1::Comparison comparison, int points,
                     std::vector<std::string> values = {}) {
  v1::ScoringRule r;
  r.set_name(name);
  r.set_attribute(attribute);
  r.set_comparison(comparison);
  r.set_points(points);
  for (auto& value : values) r.add_values(value);
  return r;
}

v1::ScoringPolicyVersion policy(std::vector<v1::ScoringRule> rules, int threshold = 50) {
  v1::ScoringPolicyVersion v;
  v.set_version(3);
  v.set_threshold(threshold);
  for (auto& r : rules) *v.add_rules() = r;
  return v;
}

v1::Touch touch(v1::CampaignForm form, const char* channel, const char* campaign) {
  v1::Touch t;
  t.set_form(form);
  t.set_channel(channel);
  t.set_campaign(campaign);
  return t;
}

class ScoreTest : public ::testing::Test {
 protected:
  ScoreTest() {
    facts.set_company("Kranbau Huber");
    facts.set_country("DE");
    facts.set_territory("dach");
    facts.set_product("proline");
    facts.set_company_size(250);
    facts.set_business_type("manufacturer");
    facts.mutable_value()->set_minor_units(1'250'050);
    facts.mutable_value()->set_currency("EUR");
  }
  Scorable lead() { return {facts, true, false, {&webinar, &fair}, 7}; }
  // The line of a policy with this one rule, or "" if it gives none.
  std::string reason(const v1::ScoringRule& r) {
    const auto version = policy({r});
    const v1::Score s = score(lead(), "default", &version);
    return s.lines_size() == 0 ? "" : s.lines(0).reason();
  }

  v1::LeadFacts facts;
  v1::Touch webinar = touch(v1::CAMPAIGN_FORM_INBOUND, "webinar", "spring");
  v1::Touch fair = touch(v1::CAMPAIGN_FORM_OUTBOUND, "trade_fair", "hannover");
};

TEST_F(ScoreTest, SumsWhatMatchesAndSaysWhy) {
  const auto version = policy({
      rule("dach", "country", v1::COMPARISON_IN, 20, {"DE", "AT"}),
      rule("small", "company_size", v1::COMPARISON_AT_MOST, -5, {"100"}),
      rule("large", "company_size", v1::COMPARISON_AT_LEAST, 25, {"250"}),
      rule("reachable", "has_email", v1::COMPARISON_PRESENT, 10),
      rule("keen", "touches", v1::COMPARISON_AT_LEAST, -3, {"5"}),
  });
  const v1::Score s = score(lead(), "default", &version);
  EXPECT_EQ(s.points(), 52);
  EXPECT_EQ(s.threshold(), 50);
  EXPECT_EQ(s.policy(), "default");
  EXPECT_EQ(s.policy_version(), 3u);
  ASSERT_EQ(s.lines_size(), 4);
  EXPECT_EQ(s.lines(0).rule(), "dach");
  EXPECT_EQ(s.lines(0).points(), 20);
  EXPECT_EQ(s.lines(0).reason(), "country DE is one of DE, AT");
  EXPECT_EQ(s.lines(1).reason(), "company_size 250 is at least 250");
  EXPECT_EQ(s.lines(2).reason(), "has_email is true");
  EXPECT_EQ(s.lines(3).points(), -3);
  EXPECT_TRUE(reached(s));
}

TEST_F(ScoreTest, LooksAtEveryAttribute) {
  EXPECT_EQ(reason(rule("r", "form", v1::COMPARISON_IN, 1, {"outbound"})), "form is outbound");
  EXPECT_EQ(reason(rule("r", "channel", v1::COMPARISON_IN, 1, {"trade_fair"})), "channel is trade_fair");
  EXPECT_EQ(reason(rule("r", "campaign", v1::COMPARISON_PRESENT, 1)), "campaign spring is known");
  EXPECT_EQ(reason(rule("r", "territory", v1::COMPARISON_IN, 1, {"DACH"})), "territory is dach");
  EXPECT_EQ(reason(rule("r", "product", v1::COMPARISON_IN, 1, {"proline", "eco"})),
            "product proline is one of proline, eco");
  EXPECT_EQ(reason(rule("r", "business_type", v1::COMPARISON_PRESENT, 1)), "business_type manufacturer is known");
  EXPECT_EQ(reason(rule("r", "value", v1::COMPARISON_AT_LEAST, 1, {"12500.5"})), "value 12500.5 is at least 12500.5");
  EXPECT_EQ(reason(rule("r", "value", v1::COMPARISON_AT_LEAST, 1, {"12500.51"})), "");
  EXPECT_EQ(reason(rule("r", "value", v1::COMPARISON_AT_MOST, 1, {"12500.49"})), "");
  EXPECT_EQ(reason(rule("r", "company_size", v1::COMPARISON_PRESENT, 1)), "company_size 250 is known");
  EXPECT_EQ(reason(rule("r", "has_company", v1::COMPARISON_PRESENT, 1)), "has_company is true");
  EXPECT_EQ(reason(rule("r", "has_phone", v1::COMPARISON_PRESENT, 1)), "");
  EXPECT_EQ(reason(rule("r", "country", v1::COMPARISON_IN, 1, {"FR"})), "");
}

TEST_F(ScoreTest, WhatIsNotKnownMatchesNothing) {
  facts.Clear();
  webinar.Clear();
  fair.Clear();
  for (const char* text : {"form", "channel", "campaign", "country", "territory", "product", "business_type"}) {
    EXPECT_EQ(reason(rule("r", text, v1::COMPARISON_PRESENT, 1)), "") << text;
  }
  EXPECT_EQ(reason(rule("r", "company_size", v1::COMPARISON_AT_MOST, 1, {"1000"})), "");
  EXPECT_EQ(reason(rule("r", "value", v1::COMPARISON_AT_MOST, 1, {"1000"})), "");
  EXPECT_EQ(reason(rule("r", "has_company", v1::COMPARISON_PRESENT, 1)), "");
}

TEST_F(ScoreTest, WithoutAPolicyTheThresholdIsNeverReached) {
  const v1::Score s = score(lead(), "default", nullptr);
  EXPECT_EQ(s.points(), 0);
  ASSERT_EQ(s.lines_size(), 1);
  EXPECT_EQ(s.lines(0).reason(), "no scoring policy \"default\" was in force: the threshold is never reached");
  EXPECT_FALSE(reached(s));
}

TEST_F(ScoreTest, TheThresholdItselfIsReached) {
  const auto at = policy({rule("r", "has_email", v1::COMPARISON_PRESENT, 50)}, 50);
  const auto below = policy({rule("r", "has_email", v1::COMPARISON_PRESENT, 49)}, 50);
  const auto none = policy({}, 0);
  EXPECT_TRUE(reached(score(lead(), "default", &at)));
  EXPECT_FALSE(reached(score(lead(), "default", &below)));
  EXPECT_TRUE(reached(score(lead(), "default", &none)));
}

TEST_F(ScoreTest, PointsAreTheSumOfTheLinesForAnyPolicy) {
  std::mt19937 random(7);
  const std::vector<v1::ScoringRule> all = {
      rule("a", "country", v1::COMPARISON_IN, 0, {"DE"}),      rule("b", "value", v1::COMPARISON_PRESENT, 0),
      rule("c", "touches", v1::COMPARISON_AT_MOST, 0, {"3"}),  rule("d", "has_phone", v1::COMPARISON_PRESENT, 0),
      rule("e", "channel", v1::COMPARISON_IN, 0, {"webinar"}), rule("f", "product", v1::COMPARISON_IN, 0, {"eco"})};
  for (int round = 0; round < 200; ++round) {
    std::vector<v1::ScoringRule> rules;
    for (unsigned i = random() % 12; i > 0; --i) {
      rules.push_back(all[random() % all.size()]);
      rules.back().set_points(static_cast<int>(random() % 2001) - 1000);
    }
    const auto version = policy(rules);
    const v1::Score s = score(lead(), "default", &version);
    int sum = 0;
    for (const auto& line : s.lines()) sum += line.points();
    EXPECT_EQ(s.points(), sum);
  }
}

std::string problem_field(const v1::ScoringRule& r) {
  const auto error = rule_problems(r, "rules[2]");
  return error ? error->violations.front().field : "";
}

TEST(ScoringRule, IsCheckedBeforeItIsPublished) {
  EXPECT_EQ(problem_field(rule("r", "country", v1::COMPARISON_IN, 1, {"DE"})), "");
  EXPECT_EQ(problem_field(rule("r", "value", v1::COMPARISON_AT_MOST, -100'000, {"0.5"})), "");
  EXPECT_EQ(problem_field(rule("", "country", v1::COMPARISON_IN, 1, {"DE"})), "rules[2].name");
  EXPECT_EQ(problem_field(rule("r", "country", v1::COMPARISON_IN, 100'001, {"DE"})), "rules[2].points");
  EXPECT_EQ(problem_field(rule("r", "contry", v1::COMPARISON_IN, 1, {"DE"})), "rules[2].attribute");
  EXPECT_EQ(problem_field(rule("r", "country", v1::COMPARISON_AT_LEAST, 1, {"1"})), "rules[2].comparison");
  EXPECT_EQ(problem_field(rule("r", "value", v1::COMPARISON_IN, 1, {"1"})), "rules[2].comparison");
  EXPECT_EQ(problem_field(rule("r", "has_email", v1::COMPARISON_AT_MOST, 1, {"1"})), "rules[2].comparison");
  EXPECT_EQ(problem_field(rule("r", "value", v1::COMPARISON_UNSPECIFIED, 1, {"1"})), "rules[2].comparison");
  EXPECT_EQ(problem_field(rule("r", "country", v1::COMPARISON_IN, 1)), "rules[2].values");
  EXPECT_EQ(problem_field(rule("r", "country", v1::COMPARISON_PRESENT, 1, {"DE"})), "rules[2].values");
  EXPECT_EQ(problem_field(rule("r", "value", v1::COMPARISON_AT_LEAST, 1, {"much"})), "rules[2].values");
  EXPECT_EQ(problem_field(rule("r", "value", v1::COMPARISON_AT_LEAST, 1, {"1", "2"})), "rules[2].values");
}

TEST(ScoringRule, ANameNearbyIsSuggested) {
  const auto error = rule_problems(rule("r", "contry", v1::COMPARISON_IN, 1, {"DE"}), "rules[0]");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->violations.front().remedy, "did you mean \"country\"?");
}

}  // namespace
}  // namespace tandem::marketing
