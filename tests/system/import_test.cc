// tandem leads import and deals import with the samples of the repository.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "tests/support/installation.h"
#include "tests/system/command_line.h"

namespace tandem::testing {
namespace {

using nlohmann::json;

const std::string kSamples = std::string(TANDEM_SOURCE_DIR) + "/deploy/samples/";

class ImportTest : public ::testing::Test {
 protected:
  ImportTest() {
    for (const auto& [group, file] : {std::pair{"pipelines", "pipeline.yaml"}, {"plans", "plans.yaml"}}) {
      line_.done({group, "apply", kSamples + file});
    }
    line_.done({"team", "apply", kSamples + "team.yaml"});
  }

  json import(const std::string& what, const std::string& file, bool dry_run = false) {
    std::vector<std::string> arguments = {what,
                                          "import",
                                          file,
                                          "--mapping",
                                          kSamples + what + "-mapping.yaml",
                                          "--rejected-folder",
                                          line_.folder().string()};
    if (dry_run) arguments.push_back("--dry-run");
    return line_.done(arguments).at(what);
  }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = line_.folder() / name;
    std::ofstream(path) << text;
    return path.string();
  }

  std::string read(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(line_.folder() / name).rdbuf();
    return text.str();
  }

  // Of all services.
  uint64_t events() {
    EXPECT_TRUE(tandem_.settle(std::chrono::seconds(60)));
    uint64_t sum = 0;
    for (const auto& service : tandem_.services()) sum += tandem_.status(service).value().events();
    return sum;
  }

  Installation tandem_;
  CommandLine line_{tandem_};
};

TEST_F(ImportTest, LeadsAreCountedAndADryRunCountsTheSame) {
  const std::string file = kSamples + "leads.csv";
  const uint64_t before = events();
  const json dry = import("leads", file, true);
  EXPECT_EQ(events(), before) << "a dry run does nothing";
  const json first = import("leads", file);
  EXPECT_EQ(dry, first);
  EXPECT_EQ(first.at("rows"), 30);
  EXPECT_EQ(first.at("new"), 21);
  EXPECT_EQ(first.at("touches"), 2) << "one e-mail address in capitals, one person who comes back";
  EXPECT_EQ(first.at("refused").at("count"), 7);

  const uint64_t after = events();
  const json again = import("leads", file);
  EXPECT_EQ(again.at("unchanged"), 23);
  EXPECT_EQ(again.at("new"), 0);
  EXPECT_EQ(again.at("refused"), first.at("refused"));
  EXPECT_EQ(import("leads", file, true), again);
  EXPECT_EQ(events(), after) << "the second time changes nothing";
}

TEST_F(ImportTest, ARowThatIsInIsUnchangedWhateverElseItSaysNow) {
  const auto rows = [](const std::string& company) {
    const std::string rest = company + ",Germany,240,Polaris,,900,search\n";
    return "contact_no,date,full_name,email,phone,company,country,employees,product,needs,worth,came_by\n"
           "1,05.01.2026 09:12,Ada,ada@example.com,," +
           rest + "2,05.01.2026 09:13,Nobody,,," + rest;
  };
  EXPECT_EQ(import("leads", write("l.csv", rows("Brandung"))).at("new"), 2);
  const uint64_t before = events();
  const json again = import("leads", write("l.csv", rows("Brandung AG")));
  EXPECT_EQ(again.at("unchanged"), 2);
  EXPECT_EQ(again.at("refused").at("count"), 0);
  EXPECT_EQ(events(), before);
}

TEST_F(ImportTest, RefusedRowsAreThereWithLineFieldAndReason) {
  import("leads", kSamples + "leads.csv");
  const std::string rejected = read("leads.rejected.csv");
  for (const char* line :
       {"tandem_line,tandem_field,tandem_reason,contact_no,date", "\n9,email,has nothing after the @", "\n13,date,",
        "\n15,product,", "did you mean \"\"Polaris\"\"?", "\n22,contact_no,is the same as in line 21", "\n23,country,",
        "\n25,employees,is less than 0", "\n28,,has 9 cells where there are 12 columns"}) {
    EXPECT_NE(rejected.find(line), std::string::npos) << line << "\nis not in\n" << rejected;
  }
}

TEST_F(ImportTest, ARunThatWasBrokenOffIsRunAgain) {
  const std::string file = kSamples + "leads.csv";
  const json part = line_.done({"leads", "import", file, "--mapping", kSamples + "leads-mapping.yaml", "--limit", "10",
                                "--rejected-folder", line_.folder().string()});
  const uint64_t done = part.at("leads").at("new").get<uint64_t>() + part.at("leads").at("touches").get<uint64_t>();
  EXPECT_EQ(done, 9u);
  const json rest = import("leads", file);
  EXPECT_EQ(rest.at("unchanged"), done);
  EXPECT_EQ(rest.at("new").get<uint64_t>() + rest.at("touches").get<uint64_t>(), 23 - done);
}

TEST_F(ImportTest, DealsOfAnotherCrmInAnyStage) {
  const std::string file = kSamples + "deals.csv";
  const json dry = import("deals", file, true);
  const json first = import("deals", file);
  EXPECT_EQ(dry, first);
  EXPECT_EQ(first.at("rows"), 12);
  EXPECT_EQ(first.at("new"), 7);
  EXPECT_EQ(first.at("won"), 3);
  EXPECT_EQ(first.at("won_amount").at(0).at("minor_units"), 1'240'000 + 95'000 + 1'575'000);
  EXPECT_EQ(first.at("lost"), 2);
  EXPECT_EQ(first.at("open"), 2);
  const std::string rejected = read("deals.rejected.csv");
  EXPECT_NE(rejected.find("\n6,sales_agent,"), std::string::npos) << rejected;
  EXPECT_NE(rejected.find("did you mean \"\"Ana Albers\"\"?"), std::string::npos) << rejected;
  const uint64_t after = events();
  EXPECT_EQ(import("deals", file).at("unchanged"), 7);
  EXPECT_EQ(events(), after);
}

TEST_F(ImportTest, ADealThatCannotBeWonIsNotOpened) {
  const std::string header =
      "opportunity_id,sales_agent,manager,product,account,deal_stage,engage_date,close_date,value\n";
  const uint64_t before = events();
  const json refused =
      import("deals", write("d.csv", header + "X1,ana,mia,Polaris,Acme,Won,2025-03-03,2025-04-11,-5\n"));
  EXPECT_EQ(refused.at("refused").at("count"), 1);
  EXPECT_EQ(events(), before);
}

TEST_F(ImportTest, AFileThatIsNoCsvIsRefusedAsAWhole) {
  const std::string mapping = kSamples + "leads-mapping.yaml";
  const auto status_of = [&](const std::string& text) {
    return line_.run({"leads", "import", write("x.csv", text), "--mapping", mapping});
  };
  EXPECT_EQ(status_of("PK\x03\x04 not text").status, 1);
  const auto latin1 = status_of("contact_no,date,full_name\n1,05.01.2026 09:12,C\xE9line\n");
  EXPECT_EQ(latin1.status, 1);
  EXPECT_NE(latin1.err.find("x.csv:2 is not UTF-8 at byte 21 (0xE9); save it as UTF-8, or say --encoding latin1"),
            std::string::npos)
      << latin1.err;
  EXPECT_NE(status_of("contact_no;date\n1;2\n").err.find("is the delimiter right?"), std::string::npos);
}

}  // namespace
}  // namespace tandem::testing
