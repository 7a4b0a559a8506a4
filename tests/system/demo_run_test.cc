// `tandem demo` on an installation that has seen more: its books balance, twice, nobody else's deals and statements are
// touched, and afterwards every service's Redis is what its log says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "services/cli/demo/setup.h"
#include "tests/system/up_folder.h"

namespace tandem::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kOtherTeam[] = R"(
resource: team
team: elsewhere
time_zone: Europe/Berlin
name: Elsewhere
manager: max
manager_plan: manager-2026
accept_within_minutes: 60
max_hops: 3
absence: hold
pipeline: standard
members: [{member: zoe, name: Zoe Zander, weight: 1, plan: ae-2026}]
)";

class DemoRunTest : public UpFolder {
 protected:
  // A deal of another team, won last month, with commission on an open statement.
  void somebody_elses_deal() {
    const auto file = folder_ / "elsewhere.yaml";
    std::ofstream(file) << kOtherTeam;
    const Ran applied = run({"team", "apply", file.string()});
    ASSERT_EQ(applied.status, 0) << applied.err;
    const auto last_month = cli::current_period().previous().begin(cli::company_zone());
    const std::string day = format_date(date_of(last_month + std::chrono::hours(240), cli::company_zone()));
    const Ran opened = run({"deals", "open", "--id", "elsewhere-1", "--account", "Elsewhere AG", "--team", "elsewhere",
                            "--owner", "zoe", "--pipeline", "standard", "--at", day});
    ASSERT_EQ(opened.status, 0) << opened.err;
    const Ran won = run({"deals", "win", "elsewhere-1", "--amount", "EUR 5,000.00", "--at", day, "--published"});
    ASSERT_EQ(won.status, 0) << won.err;
  }

  void expect_a_demonstration() {
    const nlohmann::json report = json({"demo", "--leads", "200"});
    const auto& books = report.at("books");
    uint64_t refused = 0;
    for (const auto& [why, count] : books.at("refused").items()) refused += count.get<uint64_t>();
    EXPECT_EQ(books.at("sent"), 200);
    EXPECT_EQ(books.at("new").get<uint64_t>() + books.at("known").get<uint64_t>() + refused, 200u) << books;
    EXPECT_EQ(books.at("unpublished"), 0);
    EXPECT_EQ(books.at("parked"), 0);
    EXPECT_TRUE(books.at("ledgers_out_of_balance").empty());
    EXPECT_GT(report.at("funnel").at("won"), 0);
    EXPECT_GT(report.at("speed").at("captured_to_assigned").at("p99_us"), 0);
    for (const auto& member : report.at("members")) {
      const auto given = member.at("leads").get<int64_t>() * 1'000'000;
      EXPECT_LE(std::abs(given - member.at("ideal_millionths").get<int64_t>()), 1'000'000) << member;
    }
  }
};

TEST_F(DemoRunTest, ItsBooksBalanceAndOtherDataIsLeftAlone) {
  const Ran up = run({"up", "--shards", "4"});
  ASSERT_EQ(up.status, 0) << up.err;
  expect_a_demonstration();
  somebody_elses_deal();
  expect_a_demonstration();
  const auto deal = json({"deals", "get", "elsewhere-1"});
  EXPECT_EQ(deal.value("status", ""), "OPPORTUNITY_STATUS_WON") << deal;
  const Ran statements = run({"statements", "list", "--payee", "zoe", "--output", "json"});
  EXPECT_THAT(statements.out, HasSubstr("STATEMENT_STATUS_OPEN")) << statements.err;
  const auto team = json({"team", "get", "nordlicht"});
  EXPECT_THAT(team.dump(), HasSubstr("\"accept_within_minutes\":120"))
      << "and no lead of theirs is in a hurry any more";
  for (const std::string& service : kServices) {
    const Ran verified = run({"rebuild", service, "--verify"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  }
}

}  // namespace
}  // namespace tandem::testing
