// tandem apply, with a marketing service that is played by the test.
#include "services/cli/apply/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "services/cli/app.h"
#include "services/cli/fake_installation_testing.h"

namespace tandem::cli {
namespace {

using rpc::IncomingCommand;
using ::testing::HasSubstr;

class ApplyTest : public ::testing::Test {
 protected:
  // A file with one campaign.
  std::string campaign(const std::string& id) {
    return write(id + ".yaml", "resource: campaign\ncampaign: " + id +
                                   "\nname: A\nform: inbound\nchannel: web\nteam: inside\nbudget: EUR 1.00\n");
  }

  std::string write(const std::string& name, const std::string& text) {
    const auto file = installation_.folder() / name;
    std::ofstream(file) << text;
    return file.string();
  }

  int apply(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "apply");
    arguments.insert(arguments.end(), {"--folder", installation_.folder().string()});
    return run(std::move(arguments), out_, err_);
  }

  static std::optional<Result<type::v1::CommandResult>> refuse_second(const IncomingCommand& command) {
    if (command.target.id == "second") return invalid("definition.budget", "is spent", "raise it");
    type::v1::CommandResult result;
    result.set_subject(command.target.id);
    return result;
  }

  FakeInstallation installation_{refuse_second};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ApplyTest, NothingIsDoneBeforeAllFilesAreRead) {
  const std::string mapping = write("mapping.yaml", "import: leads\nsource: shop\n");
  const std::string wrong = write("wrong.yaml", "resource: team\nteam: t\nnmae: x\n");
  EXPECT_EQ(apply({campaign("first"), mapping, wrong}), kExitFailed);
  EXPECT_EQ(installation_.service().seen().size(), 0u);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("mapping.yaml:1: resource is missing"));
  EXPECT_THAT(err_.str(), HasSubstr("wrong.yaml:3: nmae is not known here"));
}

TEST_F(ApplyTest, WhatWasDoneIsSaidWhereTheRestIsRefused) {
  EXPECT_EQ(apply({campaign("first"), campaign("second"), campaign("third")}), kExitFailed);
  EXPECT_EQ(installation_.service().seen().size(), 2u);
  EXPECT_EQ(out_.str(), "created    campaign first\n");
  EXPECT_THAT(err_.str(), HasSubstr("second.yaml: campaign second: definition.budget is spent; raise it"));
}

TEST_F(ApplyTest, EachDocumentOfEachFileHasARequestIdOfItsOwn) {
  EXPECT_EQ(apply({campaign("first"), campaign("third"), "--request-id", "r"}), kExitOk) << err_.str();
  const auto seen = installation_.service().seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].request_id, "r");
  EXPECT_EQ(seen[1].request_id, "r-file1");
}

}  // namespace
}  // namespace tandem::cli
