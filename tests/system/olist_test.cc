// Real input: the marketing funnel of Olist, which is not in this repository. Its folder: $TANDEM_OLIST, else
// ../shared/data/olist beside the source.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tandem/incentives/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"
#include "tests/support/installation.h"
#include "tests/system/command_line.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const std::string kSamples = std::string(TANDEM_SOURCE_DIR) + "/deploy/samples/olist/";

fs::path data_folder() {
  if (const char* folder = std::getenv("TANDEM_OLIST")) return folder;
  return fs::path(TANDEM_SOURCE_DIR) / ".." / "shared" / "data" / "olist";
}

// What the deals say, computed here with nothing of the production code.
struct Expected {
  uint64_t deals = 0;
  int64_t revenue = 0;  // in centavos
  std::set<std::string> people;
  // Commission by representative, in centavos: each month's revenue, its bands at 1, 1.5 and 2 percent.
  std::map<std::string, int64_t> commission;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

int64_t commission_of(int64_t centavos) {
  const int64_t first = std::min<int64_t>(centavos, 5'000'000);
  const int64_t second = std::min<int64_t>(std::max<int64_t>(centavos - 5'000'000, 0), 20'000'000);
  const int64_t third = std::max<int64_t>(centavos - 25'000'000, 0);
  return (first * 10 + second * 15 + third * 20 + 500) / 1000;
}

Expected expected_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  const auto header = cells_of(line);
  const auto column = [&](const std::string& name) {
    return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  Expected expected;
  std::map<std::pair<std::string, std::string>, int64_t> months;
  while (std::getline(in, line)) {
    const auto cells = cells_of(line);
    const int64_t revenue = std::stoll(cells.at(column("declared_monthly_revenue"))) * 100;
    const std::string person = cells.at(column("sr_id"));
    expected.deals++;
    expected.revenue += revenue;
    expected.people.insert(person);
    months[{person, cells.at(column("won_date")).substr(3, 7)}] += revenue;  // 26-02-2018 19:58
  }
  for (const auto& [key, revenue] : months) {
    if (revenue > 0) expected.commission[key.first] += commission_of(revenue);
  }
  return expected;
}

class OlistTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(leads_)) GTEST_SKIP() << "the data is not there: " << leads_.string();
    tandem_ = std::make_unique<Installation>(InstallationOptions{.shards = 16});
    line_ = std::make_unique<CommandLine>(*tandem_);
    line_->done({"pipelines", "apply", kSamples + "pipeline.yaml"});
    line_->done({"plans", "apply", kSamples + "plan.yaml"});
    line_->done({"team", "import", deals_.string(), "--column", "sr_id", "--definition", kSamples + "team.yaml"});
  }

  json import(bool dry_run = false) {
    std::vector<std::string> arguments = {"leads",
                                          "import",
                                          leads_.string(),
                                          "--mapping",
                                          kSamples + "import.yaml",
                                          "--rejected-folder",
                                          line_->folder().string()};
    if (dry_run) arguments.push_back("--dry-run");
    json result = line_->done(arguments);
    result.erase("dry_run");
    return result;
  }

  std::map<std::string, uint64_t> events() {
    EXPECT_TRUE(tandem_->settle(std::chrono::seconds(120)));
    std::map<std::string, uint64_t> counts;
    for (const auto& service : tandem_->services()) counts[service] = tandem_->status(service).value().events();
    return counts;
  }

  const fs::path leads_ = data_folder() / "olist_marketing_qualified_leads_dataset.csv";
  const fs::path deals_ = data_folder() / "olist_closed_deals_dataset.csv";
  std::unique_ptr<Installation> tandem_;
  std::unique_ptr<CommandLine> line_;
};

TEST_F(OlistTest, IsImportedToTheCentAndTwiceIsOnce) {
  const Expected expected = expected_of(deals_);
  ASSERT_EQ(expected.deals, 842u);
  ASSERT_EQ(expected.revenue, 6'178'400'600);
  ASSERT_EQ(expected.people.size(), 22u);

  const json dry = import(true);
  const json first = import();
  EXPECT_EQ(dry, first) << "a dry run counts what the outcome is";
  const auto& leads = first.at("leads");
  EXPECT_EQ(leads.at("rows"), 8000);
  EXPECT_EQ(leads.at("new").get<int>() + leads.at("touches").get<int>() + leads.at("refused").at("count").get<int>(),
            8000);
  EXPECT_EQ(first.at("deals").at("won"), 842);
  EXPECT_EQ(first.at("deals").at("won_amount"), json::parse(R"([{"minor_units": 6178400600, "currency": "BRL"}])"));

  const auto after_first = events();
  const json second = import();
  EXPECT_EQ(second.at("leads").at("unchanged"), 8000);
  EXPECT_EQ(second.at("deals").at("unchanged"), 842);
  EXPECT_EQ(events(), after_first) << "the second import changes nothing";

  // What the services say now, not what the import has counted.
  Company company(*tandem_);
  int64_t won = 0;
  size_t deals = 0;
  for (const auto& deal : company.list<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>("status = WON")) {
    won += deal.amount().minor_units();
    deals++;
  }
  EXPECT_EQ(deals, 842u);
  EXPECT_EQ(won, expected.revenue);
  std::map<std::string, int64_t> commission;
  for (const auto& ledger : company.list<incentives::v1::Ledger, incentives::v1::ListLedgersResult>()) {
    int64_t sum = 0;
    for (const auto& balance : ledger.balances()) sum += balance.balance().minor_units();
    EXPECT_EQ(sum, 0) << ledger.ledger();
    for (const auto& period : ledger.periods()) commission[ledger.payee()] += period.earned().minor_units();
  }
  EXPECT_EQ(commission, expected.commission);
  for (const auto& service : tandem_->services()) EXPECT_EQ(tandem_->status(service).value().parked(), 0u) << service;
}

}  // namespace
}  // namespace tandem::testing
