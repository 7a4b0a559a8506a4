#include "services/cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "services/cli/choice_text.h"
#include "services/cli/progress.h"
#include "tandem/marketing/v1/resources.pb.h"

namespace tandem::cli {
namespace {

marketing::v1::Campaign sample() {
  marketing::v1::Campaign campaign;
  campaign.set_campaign("spring");
  campaign.mutable_definition()->set_name("no");
  campaign.mutable_definition()->set_form(marketing::v1::CAMPAIGN_FORM_SOCIAL);
  campaign.mutable_definition()->mutable_budget()->set_minor_units(1'234'567);
  campaign.mutable_definition()->mutable_budget()->set_currency("EUR");
  campaign.mutable_created_at()->set_seconds(1'790'000'000);
  return campaign;
}

TEST(Output, JsonHasTheNamesOfTheContract) {
  EXPECT_EQ(to_json(sample(), false),
            R"({"campaign":"spring","definition":{"name":"no","form":"CAMPAIGN_FORM_SOCIAL",)"
            R"("budget":{"minor_units":"1234567","currency":"EUR"}},"created_at":"2026-09-21T14:13:20Z"})");
}

TEST(Output, YamlKeepsTextsTexts) {
  const std::string yaml = to_yaml(sample());
  EXPECT_NE(yaml.find("name: \"no\""), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("  budget:\n    minor_units: \"1234567\""), std::string::npos) << yaml;
}

TEST(Output, PeopleReadMoneyTimesAndEnums) {
  const auto campaign = sample();
  EXPECT_EQ(readable(campaign, "definition.budget"), "EUR 12,345.67");
  EXPECT_EQ(readable(campaign, "definition.form"), "social");
  EXPECT_EQ(readable(campaign, "created_at"), "2026-09-21 14:13:20Z");
  EXPECT_EQ(readable(campaign, "spent"), "");
  EXPECT_EQ(readable(campaign, "status"), "");
}

TEST(Output, TablesAlignNumbersRightAndCountLettersNotBytes) {
  Table table({"NAME", "N"}, {Table::Align::kLeft, Table::Align::kRight});
  table.add({"Chloé", "1"});
  table.add({"Ana", "1,000"});
  EXPECT_EQ(table.to_string(),
            "NAME       N\n"
            "Chloé      1\n"
            "Ana    1,000\n");
}

TEST(Output, NumbersHaveCommas) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1'000), "1,000");
  EXPECT_EQ(with_commas(18'446'744'073'709'551'615u), "18,446,744,073,709,551,615");
}

TEST(Progress, DrawsBarAndTime) {
  EXPECT_EQ(bar(0, 10, 4), "[----]");
  EXPECT_EQ(bar(5, 10, 4), "[##--]");
  EXPECT_EQ(bar(99, 10, 4), "[####]");
  EXPECT_EQ(clock_time(std::chrono::seconds(3661)), "1:01:01");
}

TEST(Progress, WritesPlainLinesWithoutATerminal) {
  std::ostringstream out;
  Progress progress(out, false, 10);
  progress.update(5, "half");
  EXPECT_EQ(out.str(), "");  // not yet
  progress.finish();
  EXPECT_NE(out.str().find("] half   0:00:00\n"), std::string::npos) << out.str();
  EXPECT_EQ(out.str().find('\r'), std::string::npos);
}

TEST(ChoiceText, WeightsAreInLeads) {
  EXPECT_EQ(in_leads(7, 7), "1.00");
  EXPECT_EQ(in_leads(-2, 7), "-0.29");
  EXPECT_EQ(in_leads(1, 3), "0.33");
  EXPECT_EQ(in_leads(0, 7), "0.00");
  EXPECT_EQ(in_leads(5, 0), "5");
}

TEST(ChoiceText, TellsWhoWasConsideredAndWhy) {
  sales::v1::Assignment assignment;
  assignment.set_lead("lead-1");
  assignment.set_member("ana");
  assignment.set_team("inside");
  assignment.set_lead_unit(6);
  auto& ana = *assignment.add_considered();
  ana.set_member("ana");
  ana.set_eligible(true);
  ana.set_weight(5);
  auto& ben = *assignment.add_considered();
  ben.set_member("ben");
  ben.set_verdict("on leave");
  auto& chloe = *assignment.add_considered();
  chloe.set_member("chloe");
  chloe.set_eligible(true);
  chloe.set_weight(1);
  const std::string text = describe_assignment(assignment);
  EXPECT_NE(text.find("of 3 considered, 2 were eligible"), std::string::npos) << text;
  EXPECT_NE(text.find("5/6 of a lead"), std::string::npos) << text;
  EXPECT_NE(text.find("on leave"), std::string::npos) << text;
}

}  // namespace
}  // namespace tandem::cli
