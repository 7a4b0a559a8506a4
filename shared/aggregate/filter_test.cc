#include "shared/aggregate/filter.h"

#include <gtest/gtest.h>

#include "tandem/marketing/v1/resources.pb.h"

namespace tandem {
namespace {

namespace v1 = marketing::v1;

v1::Lead lead() {
  v1::Lead lead;
  lead.set_lead("lead-1");
  lead.set_status(v1::LEAD_STATUS_QUALIFIED);
  lead.set_team("north");
  lead.mutable_facts()->mutable_value()->set_minor_units(150'000);
  lead.mutable_facts()->add_skills("french");
  lead.mutable_facts()->add_skills("dutch");
  lead.mutable_score()->set_points(-3);
  lead.add_touches()->set_campaign("spring webinar");
  lead.add_touches()->set_campaign("autumn");
  lead.mutable_captured_at()->set_seconds(1'759'669'200);  // 2025-10-05T13:00:00Z
  lead.set_touch_count(2);
  return lead;
}

bool matches(const std::string& text) {
  const auto filter = Filter::parse(text, *v1::Lead::descriptor());
  EXPECT_TRUE(filter.ok()) << text << ": " << (filter.ok() ? "" : to_line(filter.error()));
  return filter.ok() && filter->matches(lead());
}

Error error_of(const std::string& text) {
  const auto filter = Filter::parse(text, *v1::Lead::descriptor());
  EXPECT_FALSE(filter.ok()) << text;
  if (filter.ok()) return {};
  EXPECT_EQ(filter.code(), Code::kInvalidArgument);
  EXPECT_EQ(filter.error().violations.at(0).field, "filter");
  return filter.error();
}

TEST(Filter, ComparesEachKindOfField) {
  for (const char* text : {"",
                           "   ",
                           "status = QUALIFIED",
                           "status=LEAD_STATUS_QUALIFIED",
                           "status != NEW",
                           "team = north",
                           "team = \"north\"",
                           "team != 'south'",
                           "team >= nord AND team < o",
                           "facts.value.minor_units >= 150000",
                           "facts.value.minor_units<150001",
                           "score.points = -3",
                           "score.points > -4",
                           "touch_count <= 2",
                           "captured_at = 2025-10-05T13:00:00Z",
                           "captured_at >= 2025-10-05T15:00:00+02:00",
                           "captured_at < \"2025-10-05T13:00:00.5Z\"",
                           "facts.skills = dutch",
                           "facts.skills != dutch",
                           "touches.campaign = \"spring webinar\"",
                           "status = QUALIFIED AND team = north and facts.skills = french"}) {
    EXPECT_TRUE(matches(text)) << text;
  }
  for (const char* text :
       {"status = NEW", "status != QUALIFIED", "team = South", "facts.value.minor_units > 150000", "score.points > 0",
        "touch_count < 2", "captured_at > 2025-10-05T13:00:00Z", "facts.skills = german", "touches.campaign = winter",
        "status = QUALIFIED AND team = south"}) {
    EXPECT_FALSE(matches(text)) << text;
  }
}

TEST(Filter, WhatIsNotThereMatchesNothing) {
  EXPECT_FALSE(matches("qualified_at < 2030-01-01T00:00:00Z"));
  EXPECT_FALSE(matches("qualified_at != 2030-01-01T00:00:00Z"));
  EXPECT_FALSE(matches("first_touch.campaign != x"));
  EXPECT_TRUE(matches("customer = \"\""));
}

TEST(Filter, ReadsQuotes) {
  const auto filter = Filter::parse(R"(team = "say \"hi\" \\ 'all'")", *v1::Lead::descriptor());
  ASSERT_TRUE(filter.ok());
  EXPECT_EQ(filter->conditions().at(0).index_value(), R"(say "hi" \ 'all')");
}

TEST(Filter, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("statsu = NEW").violations.at(0).remedy, "did you mean \"status\"?");
  EXPECT_EQ(error_of("facts.contry = DE").violations.at(0).remedy, "did you mean \"facts.country\"?");
  EXPECT_EQ(error_of("status = QUALIFED").violations.at(0).remedy, "did you mean \"QUALIFIED\"?");
  EXPECT_NE(error_of("facts.value > 3").violations.at(0).remedy.find("facts.value.minor_units"), std::string::npos);
  EXPECT_NE(error_of("status > NEW").message.find("no order"), std::string::npos);
  EXPECT_NE(error_of("captured_at > yesterday").message.find("not a time"), std::string::npos);
  EXPECT_NE(error_of("touch_count = many").message.find("not a whole number"), std::string::npos);
  EXPECT_NE(error_of("team.name = x").message.find("no field"), std::string::npos);
  for (const char* text :
       {"status", "status =", "= NEW", "status : NEW", "status = NEW OR team = x", "NOT status = NEW", "(status = NEW)",
        "team = \"x", "status = NEW AND", "status = NEW team = x", "status ~ x"}) {
    EXPECT_FALSE(error_of(text).message.empty()) << text;
  }
}

TEST(Filter, HasABound) {
  std::string text = "team = a";
  for (int i = 0; i < 19; ++i) text += " AND team = a";
  EXPECT_TRUE(Filter::parse(text, *v1::Lead::descriptor()).ok());
  EXPECT_FALSE(error_of(text + " AND team = a").message.empty());
}

TEST(Filter, FillsAStateThatItMatches) {
  const auto filter =
      Filter::parse("status = NEW AND facts.skills = french AND touches.campaign = x", *v1::Lead::descriptor());
  ASSERT_TRUE(filter.ok());
  v1::Lead state;
  for (const auto& condition : filter->conditions()) condition.fill(state);
  EXPECT_TRUE(filter->matches(state));
  EXPECT_EQ(filter->conditions().at(0).index_value(), "NEW");
}

}  // namespace
}  // namespace tandem
