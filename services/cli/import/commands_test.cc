// leads import with a file of refused leads, into a marketing service that is played by the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "services/cli/app.h"
#include "services/cli/fake_installation_testing.h"
#include "services/cli/import/csv.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kLeadMapping[] = R"(
import: leads
source: shop
routing: held
key: id
fields: {person.name: name}
deals:
  file: deals.csv
  on: id
  outcome: open
  open: {team: {constant: t}, owner: {constant: o}, pipeline: {constant: p}}
)";
constexpr char kMended[] = "tandem_line,tandem_field,tandem_reason,id,name\n3,name,is missing,2,Bea\n";

class ImportCommandsTest : public ::testing::Test {
 protected:
  ImportCommandsTest() { std::filesystem::create_directory(folder() / "source"); }

  std::filesystem::path folder() const { return installation_.folder(); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder() / name) << text;
    return (folder() / name).string();
  }

  // Status and all that was said.
  std::pair<int, std::string> import(const std::string& leads, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"leads", "import", leads, "--mapping", write("m.yaml", kLeadMapping)};
    arguments.insert(arguments.end(), {"--folder", folder().string(), "--rejected-folder", folder().string()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::ostringstream out, err;
    const int status = run(arguments, out, err);
    return {status, err.str() + out.str()};
  }

  FakeInstallation installation_;
};

TEST_F(ImportCommandsTest, DealsOfOtherLeadsThanTheMendedAreLeftOutAndSoAreTheirMendedRows) {
  const std::string mended_deals = "tandem_line,tandem_field,tandem_reason,id\n2,id,was mended,1\n";
  write("deals.rejected.csv", mended_deals);
  write("deals.csv", "id\n1\n3\n");
  const auto [status, said] = import(write("leads.rejected.csv", kMended));
  EXPECT_EQ(status, kExitOk) << said;
  EXPECT_THAT(said, HasSubstr("2 deals are left out: their leads are not in leads.rejected.csv\n"));
  EXPECT_THAT(said, HasSubstr("0 deals = 0 new or changed + 0 refused\n"));
  EXPECT_EQ(read_whole_file(folder() / "deals.rejected.csv").value(), mended_deals);
}

TEST_F(ImportCommandsTest, ADealsFileThatIsNotBesideFileIsAskedFor) {
  const std::string leads = write("leads.rejected.csv", kMended);
  const auto [status, said] = import(leads);
  EXPECT_EQ(status, kExitFailed);
  EXPECT_THAT(said, HasSubstr("deals.csv is not there"));
  EXPECT_THAT(said, HasSubstr("name the leads' deals with --deals"));
  EXPECT_EQ(import(leads, {"--deals", write("source/deals.csv", "id\n1\n")}).first, kExitOk);
}

TEST_F(ImportCommandsTest, AllDealsOfAFirstFileAreLookedAt) {
  write("deals.csv", "id\n7\n");
  const auto [status, said] = import(write("leads.csv", "id,name\n1,Ana\n"));
  EXPECT_EQ(status, kExitOk) << said;
  EXPECT_THAT(said, HasSubstr("refused 1: id is no lead's"));
}

}  // namespace
}  // namespace tandem::cli
