#include "shared/rpc/validation.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "shared/rpc/formats.h"
#include "shared/rpc/redaction.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::rpc {
namespace {

namespace v1 = marketing::v1;

std::vector<std::string> wrong(const google::protobuf::Message& message) {
  std::vector<std::string> lines;
  for (const Violation& v : validate(message)) {
    lines.push_back(v.field + " " + v.reason);
    EXPECT_FALSE(v.remedy.empty()) << v.field;
  }
  return lines;
}

v1::DefineCampaign campaign() {
  v1::DefineCampaign c;
  c.set_campaign("spring");
  c.mutable_definition()->set_name("Frühling");
  c.mutable_definition()->set_form(v1::CAMPAIGN_FORM_SOCIAL);
  c.mutable_definition()->mutable_budget()->set_currency("EUR");
  return c;
}

TEST(Validation, PassesWhatIsRight) {
  EXPECT_TRUE(wrong(campaign()).empty());
  EXPECT_TRUE(check(campaign()).ok());
  EXPECT_TRUE(wrong(type::v1::ListRequest()).empty());
}

TEST(Validation, FindsAllAtOnceWithTheirPaths) {
  v1::PublishScoringPolicy policy;
  policy.set_request_id("two words");
  policy.mutable_occurred_at()->set_seconds(300'000'000'000);
  policy.mutable_effective_from()->set_nanos(-1);
  policy.set_threshold(2'000'000);
  policy.add_rules()->set_name("fine");
  policy.add_rules()->set_name("not fine");
  policy.mutable_rules(1)->add_values("ok");
  policy.mutable_rules(1)->add_values("line\nbreak");
  policy.mutable_rules(1)->add_values("");
  policy.mutable_rules(1)->set_comparison(static_cast<v1::Comparison>(77));
  EXPECT_THAT(wrong(policy),
              ::testing::UnorderedElementsAre(
                  "request_id has characters other than visible ASCII", "occurred_at is outside the years 1 to 9999",
                  "policy is missing", "effective_from has nanoseconds outside 0 to 999999999",
                  "threshold is more than 1000000", "rules[1].name is not an identifier",
                  "rules[1].comparison is 77, which is no value of Comparison",
                  "rules[1].values[1] has control characters", "rules[1].values[2] is empty"));
  EXPECT_EQ(check(policy).code(), Code::kInvalidArgument);
}

TEST(Validation, RequiredMeansThere) {
  EXPECT_THAT(wrong(v1::DefineCampaign()), ::testing::ElementsAre("campaign is missing", "definition is missing"));
  EXPECT_THAT(wrong(v1::RecordSpend()), ::testing::ElementsAre("campaign is missing", "amount is missing"));
}

TEST(Validation, ANumberThatWasNotGivenHasNoBounds) {
  type::v1::ListRequest list;
  EXPECT_TRUE(wrong(list).empty());
  list.set_page_size(-1);
  EXPECT_THAT(wrong(list), ::testing::ElementsAre("page_size is less than 0"));
  list.set_page_size(1001);
  EXPECT_THAT(wrong(list), ::testing::ElementsAre("page_size is more than 1000"));
}

TEST(Validation, CountsLengthsInCharactersAndItemsInLists) {
  auto c = campaign();
  std::string name;
  for (int i = 0; i < 256; ++i) name += "ü";
  c.mutable_definition()->set_name(name);
  EXPECT_TRUE(wrong(c).empty());
  c.mutable_definition()->set_name(name + "u");
  EXPECT_THAT(wrong(c), ::testing::ElementsAre("definition.name has 257 characters"));
  c = campaign();
  c.set_campaign(std::string(65, 'x'));
  EXPECT_THAT(wrong(c), ::testing::ElementsAre("campaign has 65 characters"));
  v1::PublishScoringPolicy policy;
  policy.set_policy("default");
  for (int i = 0; i < 201; ++i) policy.add_rules();
  EXPECT_THAT(wrong(policy), ::testing::ElementsAre("rules has 201 items"));
}

TEST(Validation, IdsThatAreMadeOfOthersFitWhereTheyAreAskedFor) {
  sales::v1::DefineTeam team;
  team.set_team("emea");
  const std::string longest(64, 'm');
  team.mutable_definition()->add_members()->set_member(longest);
  team.mutable_definition()->set_manager(longest);
  EXPECT_TRUE(wrong(team).empty());
  team.mutable_definition()->mutable_members(0)->set_member(longest + "m");
  team.mutable_definition()->set_manager(longest + "m");
  EXPECT_THAT(wrong(team), ::testing::ElementsAre("definition.members[0].member has 65 characters",
                                                  "definition.manager has 65 characters"));
  // Members from before had up to 128 characters, and are paid all the same.
  const std::string payee(128, 'm');
  incentives::v1::GetLedger ledger;
  ledger.set_ledger(payee + "/" + longest);
  EXPECT_TRUE(wrong(ledger).empty());
  incentives::v1::GetStatement statement;
  statement.set_statement(payee + "/2026-Q4/EUR");
  EXPECT_TRUE(wrong(statement).empty());
  incentives::v1::ApproveStatement approve;
  approve.set_statement(statement.statement());
  EXPECT_TRUE(wrong(approve).empty());
  incentives::v1::PayStatement pay;
  pay.set_statement(statement.statement());
  EXPECT_TRUE(wrong(pay).empty());
}

TEST(Validation, BoundsWhatItReports) {
  v1::PublishScoringPolicy policy;
  policy.set_policy("default");
  auto* rule = policy.add_rules();
  for (int i = 0; i < 900; ++i) rule->add_values("");
  EXPECT_EQ(validate(policy).size(), kMaxViolations);
}

TEST(Validation, RefusesWhatIsNotUtf8) {
  auto c = campaign();
  c.mutable_definition()->set_name("\xff\xfe");
  EXPECT_THAT(wrong(c), ::testing::ElementsAre("definition.name is not valid UTF-8"));
}

struct FormatCase {
  policy::v1::Format format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

TEST(Formats, AcceptAndRefuse) {
  using namespace policy::v1;
  const std::vector<FormatCase> cases{
      {FORMAT_TEXT, {"Frühling & Co.", "日本"}, {"a\tb", "a\nb", "\x7f", "\xc2\x85"}},
      {FORMAT_ID, {"lead-1", "a_b.c:d/e@f+G9"}, {"a b", "ä", "a,b", "\""}},
      {FORMAT_EMAIL, {"ana@example.com", "ANA@Example.com"}, {"ana", "ana@", "@example.com", "a b@example.com"}},
      {FORMAT_PHONE, {"+49 (151) 123-45.67/8", "12345"}, {"1234", "+-()/.", "12345x"}},
      {FORMAT_CURRENCY, {"EUR", "JPY"}, {"eur", "EURO", "XYZ"}},
      {FORMAT_DECIMAL, {"0.06", "-1.5", "12"}, {"1e3", "1,5", "6 %", "0.0000000001"}},
      {FORMAT_TIME_ZONE, {"Europe/Berlin", "UTC"}, {"Berlin", "CEST2"}},
      {FORMAT_PERIOD, {"2026-10", "2026-Q4"}, {"2026", "2026-13", "2026-Q5"}},
      {FORMAT_DATE, {"2026-10-31", "2024-02-29"}, {"2026-02-29", "31.10.2026", "2026-1-1"}},
      {FORMAT_COUNTRY, {"DE", "ZW"}, {"de", "XX", "DEU", "D ", "E A"}},
      {FORMAT_REQUEST_ID, {"5f0c~!", "row:17"}, {"a b", "ä"}},
  };
  for (const auto& [format, good, bad] : cases) {
    for (const auto& text : good) EXPECT_FALSE(check_format(format, text)) << Format_Name(format) << " " << text;
    for (const auto& text : bad) EXPECT_TRUE(check_format(format, text)) << Format_Name(format) << " " << text;
  }
}

TEST(Redaction, LeavesNoPersonalData) {
  v1::CaptureLead command;
  command.set_request_id("r1");
  command.mutable_person()->set_name("Ana Example");
  command.mutable_person()->set_email("ana@example.com");
  command.mutable_facts()->set_company("Example Ltd");
  const auto redacted = redact(command);
  const auto& copy = static_cast<const v1::CaptureLead&>(*redacted);
  EXPECT_EQ(copy.person().name(), kRedacted);
  EXPECT_EQ(copy.person().email(), kRedacted);
  EXPECT_EQ(copy.person().phone(), "");
  EXPECT_EQ(copy.facts().company(), "Example Ltd");
  EXPECT_EQ(command.person().name(), "Ana Example");
  const std::string line = redacted_line(command);
  EXPECT_EQ(line.find("Ana"), std::string::npos);
  EXPECT_EQ(line.find("example.com"), std::string::npos);
  EXPECT_NE(line.find("r1"), std::string::npos);
}

TEST(Redaction, DropsWhatNobodyKnows) {
  v1::CaptureLead command;
  command.GetReflection()->MutableUnknownFields(&command)->AddLengthDelimited(999, "ana@example.com");
  EXPECT_TRUE(redact(command)->GetReflection()->GetUnknownFields(*redact(command)).empty());
  EXPECT_EQ(redact(command)->ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace tandem::rpc
