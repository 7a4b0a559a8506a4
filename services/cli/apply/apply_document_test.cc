#include "services/cli/apply/apply_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/cli/apply/differences.h"
#include "shared/aggregate/convert.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct ReadFile {
  std::vector<ApplyDocument> documents;
  std::vector<Violation> problems;
};

ReadFile read_all(const std::string& text, const std::vector<std::string>& kinds = {}) {
  ReadFile read;
  auto nodes = parse_yaml("f.yaml", text);
  if (!nodes.ok()) {
    read.problems = nodes.error().violations;
    return read;
  }
  YamlProblems problems("f.yaml");
  for (const YAML::Node& node : *nodes) read.documents.push_back(read_document(node, kinds, problems));
  if (auto status = problems.status(); !status.ok()) read.problems = status.error().violations;
  return read;
}

// The first document of a text without mistakes.
template <class Command>
Command read_command(const std::string& text) {
  ReadFile read = read_all(text);
  for (const Violation& problem : read.problems) ADD_FAILURE() << problem.field << " " << problem.reason;
  return read.problems.empty() ? static_cast<const Command&>(*read.documents.at(0).command) : Command();
}

constexpr char kTeam[] = R"(resource: team
team: inside
time_zone: Europe/Berlin
name: Inside
accept_within_minutes: 90
max_hops: 3
absence: catch_up
pipeline: standard
members:
  - member: ana
    weight: 5
    territories: [dach, nordics]
    skills: french
    working_hours: Mon-Tue 09:00-12:00, 13:00-17:30
    leave: [{from: 2026-11-02, to: 2026-11-16}]
  - {member: ben, weight: 1, left_at: "2026-10-05T13:00:00+02:00"}
)";

TEST(ApplyDocument, PutsTheKeysOfCommandAndDefinitionWhereTheyBelong) {
  const auto command = read_command<sales::v1::DefineTeam>(kTeam);
  EXPECT_EQ(command.team(), "inside");
  EXPECT_EQ(command.definition().absence(), sales::v1::ABSENCE_POLICY_CATCH_UP);
  ASSERT_EQ(command.definition().members_size(), 2);
  const auto& ana = command.definition().members(0);
  EXPECT_EQ(ana.weight(), 5u);
  EXPECT_THAT(ana.territories(), ElementsAre("dach", "nordics"));
  EXPECT_THAT(ana.skills(), ElementsAre("french"));
  EXPECT_EQ(ana.working_hours().time_zone(), "Europe/Berlin");
  EXPECT_THAT(ana.working_hours().intervals(), SizeIs(4));
  EXPECT_EQ(ana.working_hours().intervals(1).from_minute(), 13u * 60);
  // A day of the document is a day in its time zone.
  EXPECT_EQ(format_instant(to_instant(ana.leave(0).from())), "2026-11-01T23:00:00Z");
  EXPECT_EQ(format_instant(to_instant(command.definition().members(1).left_at())), "2026-10-05T11:00:00Z");
}

TEST(ApplyDocument, ReadsMoneyPercentagesAndDecimals) {
  const auto command = read_command<incentives::v1::PublishPlan>(R"(resource: plan
plan: ae
effective_from: 2026-01-01
kind: direct
currency: EUR
time_zone: Europe/Berlin
tiers:
  - {from_quota_bp: 0 %, rate: 0.050, mode: graduated}
  - {from_quota_bp: 102.5 %, rate: 0.07, mode: graduated}
  - {from_minor_units: "EUR 50,000.00", rate: 0.09, mode: retroactive}
proration: days
quotas: [{amount: "EUR 1,000.5"}, {payee: ana, amount: {minor_units: 7, currency: EUR}, from: 2026-10-16}]
)");
  const auto& definition = command.definition();
  EXPECT_EQ(definition.tiers(0).rate(), "0.050");  // as it was written
  EXPECT_EQ(definition.tiers(1).from_quota_bp(), 10250);
  EXPECT_EQ(definition.tiers(2).from_minor_units(), 5'000'000);
  EXPECT_EQ(definition.quotas(0).amount().minor_units(), 100'050);
  EXPECT_EQ(definition.quotas(1).amount().minor_units(), 7);
  EXPECT_EQ(definition.quotas(1).from(), "2026-10-16");
  EXPECT_EQ(definition.proration(), incentives::v1::PRORATION_DAYS);
  EXPECT_EQ(format_instant(to_instant(command.effective_from())), "2025-12-31T23:00:00Z");
}

TEST(ApplyDocument, NamesEveryMistakeWithLineAndPath) {
  const ReadFile read = read_all(R"(resource: team
team: inside
nmae: Inside
max_hops: many
members:
  - member: ana
    wieght: 5
    absent: x
    working_hours: Mon-Fri 17:00-09:00
absence: someday
)");
  ASSERT_THAT(read.problems, SizeIs(6));
  EXPECT_EQ(read.problems[0], (Violation{"f.yaml:3: nmae", "is not known here", "did you mean \"name\"?"}));
  EXPECT_EQ(read.problems[1].field, "f.yaml:4: max_hops");
  EXPECT_EQ(read.problems[2], (Violation{"f.yaml:7: members[0].wieght", "is not a field of MemberDefinition",
                                         "did you mean \"weight\"?"}));
  EXPECT_EQ(read.problems[3].field, "f.yaml:8: members[0].absent");
  EXPECT_EQ(read.problems[4].field, "f.yaml:9: members[0].working_hours");
  EXPECT_EQ(read.problems[5].field, "f.yaml:10: absence");
}

TEST(ApplyDocument, RefusesMoneyOfAnotherCurrencyAndTwoThresholds) {
  const ReadFile read = read_all(R"(resource: plan
plan: ae
currency: EUR
tiers:
  - {from_minor_units: "USD 50,000.00", rate: 0.05}
  - {from_minor_units: 0, from_quota_bp: 0, rate: 0.05}
)");
  ASSERT_THAT(read.problems, SizeIs(2));
  EXPECT_EQ(read.problems[0].field, "f.yaml:5: tiers[0].from_minor_units");
  EXPECT_EQ(read.problems[0].remedy, "write it in EUR");
  EXPECT_EQ(read.problems[1].reason, "excludes from_minor_units");
}

TEST(ApplyDocument, NeedsItsIdAndAKindThatIsWelcome) {
  EXPECT_EQ(read_all("resource: team\nname: x\n").problems.at(0).field, "f.yaml:1: team");
  EXPECT_EQ(read_all("resource: taem\n").problems.at(0).remedy, "did you mean \"team\"?");
  EXPECT_EQ(read_all("team: inside\n").problems.at(0).reason, "is missing");
  EXPECT_THAT(read_all("pipeline: p\nname: x\n", {"pipeline"}).problems,
              IsEmpty());  // there is only one that it can be
  EXPECT_EQ(read_all("resource: plan\nplan: p\n", {"team"}).problems.at(0).remedy,
            "use tandem plans apply, or tandem apply for all kinds");
  EXPECT_EQ(read_all("- a\n- b\n").problems.at(0).reason, "is not a map");
}

TEST(ApplyDocument, NeverTakesFieldsOfTheCall) {
  EXPECT_EQ(read_all("resource: team\nteam: t\nrequest_id: x\n").problems.at(0).field, "f.yaml:3: request_id");
}

TEST(ApplyDocument, RefusesAKeyThatStandsTwiceAndWhatIsNoYaml) {
  const auto twice = read_all("resource: team\nteam: a\nteam: b\n").problems;
  ASSERT_THAT(twice, SizeIs(1));
  EXPECT_EQ(twice[0].field, "f.yaml:3: team");
  EXPECT_EQ(read_all("resource: [team\n").problems.at(0).reason.substr(0, 11), "is not YAML");
}

TEST(ApplyDocument, TheSamplesAreRight) {
  int files = 0;
  for (const char* name : {"pipeline", "plans", "team", "scoring", "campaigns"}) {
    std::ifstream in(std::filesystem::path(TANDEM_SOURCE_DIR) / "deploy/samples" / (std::string(name) + ".yaml"));
    std::ostringstream text;
    text << in.rdbuf();
    const ReadFile read = read_all(text.str());
    EXPECT_FALSE(read.documents.empty()) << name;
    for (const Violation& problem : read.problems) ADD_FAILURE() << name << ": " << problem.field << problem.reason;
    ++files;
  }
  EXPECT_EQ(files, 5);
}

TEST(Differences, AreSaidByPathAndName) {
  const auto before = read_command<sales::v1::DefineTeam>(kTeam);
  auto after = before;
  EXPECT_THAT(differences(before, after), IsEmpty());
  after.mutable_definition()->mutable_members(0)->set_weight(6);
  after.mutable_definition()->mutable_members(0)->add_skills("german");
  after.mutable_definition()->mutable_members()->DeleteSubrange(1, 1);
  after.mutable_definition()->add_members()->set_member("chloe");
  after.mutable_definition()->clear_pipeline();
  EXPECT_THAT(differences(before, after),
              ElementsAre("definition.members[ben]: removed", "definition.members[ana].weight: 5 -> 6",
                          "definition.members[ana].skills: french -> french, german",
                          "definition.members[chloe]: added", "definition.pipeline: standard -> (none)"));
}

// As a plan's file writes a rate, and as the service keeps it.
TEST(Differences, ADecimalIsWhatItIsWorth) {
  incentives::v1::PublishPlan kept;
  kept.mutable_definition()->add_tiers()->set_rate("0.1");
  kept.mutable_definition()->add_product_rates()->set_product("pro-line");
  kept.mutable_definition()->mutable_product_rates(0)->set_factor("1");
  auto written = kept;
  written.mutable_definition()->mutable_tiers(0)->set_rate("0.10");
  written.mutable_definition()->mutable_product_rates(0)->set_factor("1.000");
  EXPECT_THAT(differences(kept, written), IsEmpty());
  written.mutable_definition()->mutable_tiers(0)->set_rate("0.110");
  EXPECT_THAT(differences(kept, written), ElementsAre("definition.tiers[0].rate: 0.1 -> 0.11"));
}

TEST(Differences, SeeAnotherOrder) {
  const auto before = read_command<sales::v1::DefineTeam>(kTeam);
  auto after = before;
  after.mutable_definition()->mutable_members()->SwapElements(0, 1);
  EXPECT_THAT(differences(before, after), ElementsAre("definition.members: in another order"));
}

}  // namespace
}  // namespace tandem::cli
