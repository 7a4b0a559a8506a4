#include "services/cli/apply/fields.h"

#include <gtest/gtest.h>

#include "services/cli/apply/working_hours_text.h"
#include "services/cli/offsets.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

std::string reason_of(const Status& status) { return status.ok() ? "" : status.error().violations.at(0).reason; }

TEST(Fields, ReachIntoMessagesByPath) {
  marketing::v1::CaptureLead command;
  ASSERT_TRUE(set_path(command, "person.email", "ada@example.com", {}).ok());
  ASSERT_TRUE(set_path(command, "facts.value", "EUR 1,234.50", {}).ok());
  ASSERT_TRUE(set_path(command, "facts.company_size", "1_000", {}).ok());
  ASSERT_TRUE(set_path(command, "facts.skills", "french", {}).ok());
  ASSERT_TRUE(set_path(command, "facts.skills", "german", {}).ok());
  ASSERT_TRUE(set_path(command, "routing", "Held", {}).ok());
  EXPECT_EQ(command.person().email(), "ada@example.com");
  EXPECT_EQ(command.facts().value().minor_units(), 123'450);
  EXPECT_EQ(command.facts().company_size(), 1000);
  EXPECT_EQ(command.facts().skills_size(), 2);
  EXPECT_EQ(command.routing(), marketing::v1::ROUTING_HELD);
}

TEST(Fields, SayWhatIsWrong) {
  marketing::v1::CaptureLead command;
  EXPECT_EQ(reason_of(set_path(command, "facts.value", "1,234.50", {})), "is no amount of money: \"1,234.50\"");
  EXPECT_NE(reason_of(set_path(command, "facts.value", "EUR 1.000", {})), "");
  EXPECT_EQ(reason_of(set_path(command, "facts.company_size", "many", {})), "is no whole number: \"many\"");
  EXPECT_EQ(reason_of(set_path(command, "occurred_at", "05.10.2026", {})), "is not a time: 05.10.2026");
  const auto status = set_path(command, "routing", "hold", {});
  EXPECT_EQ(status.error().violations.at(0).remedy, "did you mean \"held\"?");
}

TEST(Fields, KeepNumbersInRange) {
  sales::v1::WinDeal command;
  EXPECT_TRUE(set_path(command, "terms.months", "12", {}).ok());
  EXPECT_NE(reason_of(set_path(command, "terms.months", "-1", {})), "");
  EXPECT_NE(reason_of(set_path(command, "terms.months", "4294967296", {})), "");
}

TEST(Fields, TruthIsWhateverYamlCallsSo) {
  for (const char* text : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", " Y "}) {
    const auto truth = parse_truth(text);
    EXPECT_TRUE(truth.ok() && *truth) << text;
  }
  for (const char* text : {"false", "False", "no", "NO", "off", "Off", "n", "N"}) {
    const auto truth = parse_truth(text);
    EXPECT_TRUE(truth.ok() && !*truth) << text;
  }
  for (const char* text : {"", "1", "0", "ja", "truee"}) {
    const auto truth = parse_truth(text);
    ASSERT_FALSE(truth.ok()) << text;
    EXPECT_EQ(truth.error().violations.at(0).reason, std::string("is neither true nor false: \"") + text + "\"");
  }
}

TEST(Fields, PercentIsExactlyBasisPoints) {
  EXPECT_EQ(parse_percent("25 %"), 2500);
  EXPECT_EQ(parse_percent(" 33.33"), 3333);
  for (const char* text : {"", "%", "33.333 %", "half"}) EXPECT_EQ(parse_percent(text), std::nullopt) << text;
}

TEST(WorkingHoursText, ReadsDaysHoursAndZone) {
  const auto hours = parse_working_hours("Mon-Thu 09:00-12:00, 13:00-17:30; Sat-Mon 20:00-24:00 Europe/Paris", "UTC");
  ASSERT_TRUE(hours.ok());
  EXPECT_EQ(hours->time_zone(), "Europe/Paris");
  ASSERT_EQ(hours->intervals_size(), 4 * 2 + 3);
  EXPECT_EQ(hours->intervals(2).weekday(), 1u);  // in order of the week
  EXPECT_EQ(hours->intervals(2).from_minute(), 20u * 60);
  EXPECT_EQ(hours->intervals(2).to_minute(), 24u * 60);
  EXPECT_EQ(hours->intervals(10).weekday(), 7u);
  EXPECT_EQ(parse_working_hours("Fri 09:00-10:00", "Europe/Berlin")->time_zone(), "Europe/Berlin");
}

TEST(WorkingHoursText, RefusesTheRest) {
  for (const char* text : {"", "Mon", "09:00-17:00", "Mon-Fri 9-17", "Mon-Fri 09:00", "Xyz 09:00-17:00",
                           "Mon 09:00-25:00", "Mon 17:00-09:00", "Mon-Fri 09:00-17:00 Europe/Nowhere"}) {
    EXPECT_FALSE(parse_working_hours(text, "UTC").ok()) << text;
  }
}

TEST(Offsets, AreReadAsTheyAreWritten) {
  const auto start = parse_start("sales/0:17,crm/12:4");
  ASSERT_TRUE(start.ok());
  ASSERT_EQ(start->cursors.size(), 2u);
  EXPECT_EQ(start->cursors.at({"sales", 0}).offset, 17u);
  EXPECT_EQ(format_offsets(start->cursors), "crm/12:4,sales/0:17");
  EXPECT_EQ(parse_start("beginning")->from, bus::TailStart::From::kBeginning);
  EXPECT_EQ(parse_start("now")->from, bus::TailStart::From::kNow);
  for (const char* text : {"", "yesterday", "sales:17", "sales/x:1", "sales/1", "sales/1:-1", "/1:1", "sales/0:1,"}) {
    EXPECT_FALSE(parse_start(text).ok()) << text;
  }
}

}  // namespace
}  // namespace tandem::cli
