#include "services/marketing/scoring_policy.h"

#include "shared/aggregate/convert.h"
#include "shared/aggregate/spec.h"

namespace tandem::marketing {
namespace {

Instant instant(const std::string& text) { return parse_instant(text).value(); }

v1::ScoringRule rule(const char* name, int points) {
  v1::ScoringRule r;
  r.set_name(name);
  r.set_attribute("has_email");
  r.set_comparison(v1::COMPARISON_PRESENT);
  r.set_points(points);
  return r;
}

v1::PublishScoringPolicy publish(const std::string& from, int threshold) {
  v1::PublishScoringPolicy c;
  c.set_policy("default");
  if (!from.empty()) *c.mutable_effective_from() = to_timestamp(instant(from));
  c.set_threshold(threshold);
  *c.add_rules() = rule("reachable", 10);
  return c;
}

v1::ScoringPolicyPublished published(uint32_t version, const std::string& from, int threshold) {
  v1::ScoringPolicyPublished e;
  e.set_policy("default");
  e.set_version(version);
  *e.mutable_effective_from() = to_timestamp(instant(from));
  e.set_threshold(threshold);
  *e.add_rules() = rule("reachable", 10);
  return e;
}

constexpr char kJanuary[] = "2026-01-01T00:00:00Z";
constexpr char kMarch[] = "2026-03-01T00:00:00Z";
constexpr char kJune[] = "2026-06-01T00:00:00Z";

SPEC(ScoringPolicy, VersionsAreNumberedFromOne) {
  when(publish(kJanuary, 50));
  then(published(1, kJanuary, 50));
  when(publish(kMarch, 60));
  then(published(2, kMarch, 60));
}

SPEC(ScoringPolicy, WithoutADateItBeginsWhenItIsPublished) {
  at_time(kMarch);
  when(publish("", 50));
  then(published(1, kMarch, 50));
}

SPEC(ScoringPolicy, WhatIsInForceAlreadyIsNotPublishedAgain) {
  given(published(1, kJanuary, 50));
  when(publish(kJanuary, 50));
  then_nothing();
  when(publish(kMarch, 50));
  then_nothing();
  given(published(2, kMarch, 60));
  when(publish(kJanuary, 50));
  then_nothing();
  when(publish(kJune, 50));
  then(published(3, kJune, 50));
}

SPEC(ScoringPolicy, AVersionNeverBeginsBeforeTheLast) {
  given(published(1, kJanuary, 50), published(2, kMarch, 60));
  when(publish("2026-02-28T23:59:59Z", 70));
  then_rejected(Code::kFailedPrecondition, "effective_from");
}

SPEC(ScoringPolicy, OfTwoThatBeginTogetherTheLaterCounts) {
  given(published(1, kJanuary, 50));
  when(publish(kJanuary, 70));
  then(published(2, kJanuary, 70));
  EXPECT_EQ(ScoringPolicy::in_force(state(), instant(kMarch))->version(), 2u);
}

SPEC(ScoringPolicy, TheVersionInForceIsThatOfTheDate) {
  given(published(1, kJanuary, 50), published(2, kMarch, 60));
  EXPECT_EQ(ScoringPolicy::in_force(state(), instant("2025-12-31T23:59:59Z")), nullptr);
  EXPECT_EQ(ScoringPolicy::in_force(state(), instant(kJanuary))->version(), 1u);
  EXPECT_EQ(ScoringPolicy::in_force(state(), instant("2026-02-28T23:59:59Z"))->version(), 1u);
  EXPECT_EQ(ScoringPolicy::in_force(state(), instant(kMarch))->version(), 2u);
}

TEST(ScoringPolicyRules, AreAllCheckedAtOnce) {
  auto c = publish(kJanuary, 50);
  *c.add_rules() = rule("reachable", 10);
  c.add_rules()->set_name("empty");
  const Decision decision = ScoringPolicy::decide({}, c, Context());
  ASSERT_TRUE(decision.is_rejection());
  EXPECT_EQ(decision.rejection().code, Code::kInvalidArgument);
  ASSERT_EQ(decision.rejection().violations.size(), 2u);
  EXPECT_EQ(decision.rejection().violations[0].field, "rules[1].name");
  EXPECT_EQ(decision.rejection().violations[1].field, "rules[2].attribute");
}

}  // namespace
}  // namespace tandem::marketing
