// Importing leads into a marketing service that is played by the test.
#include "services/cli/import/lead_import.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "services/cli/fake_installation_testing.h"
#include "services/cli/session.h"
#include "tandem/marketing/v1/events.pb.h"

namespace tandem::cli {
namespace {

using rpc::IncomingCommand;
using rpc::testing::FakeService;
using Answer = std::optional<Result<type::v1::CommandResult>>;

constexpr char kMapping[] = R"(
import: leads
source: shop
routing: held
fields: {person.name: name}
)";

class LeadImportTest : public ::testing::Test {
 protected:
  // The service's side: what it does with each command.
  void serve(FakeService::Decide decide) {
    installation_ = std::make_unique<FakeInstallation>(std::move(decide));
    session_.folder = installation_->folder();
  }

  void import(const std::string& rows, bool dry_run = false, const std::string& key = "id") {
    mapping_ = parse_mapping("m.yaml", kMapping + ("key: " + key), "leads").value();
    table_ = parse_csv("f.csv", "id,name\n" + rows, {}).value();
    leads_ = std::make_unique<LeadImport>(session_, mapping_, table_, dry_run);
    const Status status = leads_->run();
    EXPECT_TRUE(status.ok()) << to_line(status.error());
  }

  // The lead whose name this is: captured when it is new, else touched.
  static type::v1::CommandResult captured(const std::string& lead, bool is_new) {
    type::v1::CommandResult result;
    result.set_subject(lead);
    result.set_event_type(is_new ? marketing::v1::LeadCaptured::descriptor()->full_name()
                                 : marketing::v1::TouchRecorded::descriptor()->full_name());
    return result;
  }
  static std::string name_of(const IncomingCommand& command) {
    return static_cast<const marketing::v1::CaptureLead&>(*command.message).person().name();
  }
  static std::string reference_of(const IncomingCommand& command) {
    return static_cast<const marketing::v1::CaptureLead&>(*command.message).external_reference();
  }

  std::unique_ptr<FakeInstallation> installation_;
  std::ostringstream out_;
  std::ostringstream err_;
  Session session_{out_, err_};
  Mapping mapping_;
  CsvTable table_;
  std::unique_ptr<LeadImport> leads_;
};

TEST_F(LeadImportTest, WhatAPassingFaultLeftIsSentAgain) {
  std::set<std::string> tried;
  serve([&](const IncomingCommand& command) -> Answer {
    if (tried.insert(command.request_id).second) return make_error(Code::kUnavailable, "not now");
    return captured("lead-" + name_of(command), true);
  });
  import("1,a\n2,b\n3,c\n");
  EXPECT_EQ(leads_->counts().fresh, 3u);
  EXPECT_EQ(leads_->rejections().count(), 0u);
  EXPECT_EQ(installation_->service().seen().size(), 6u);
}

TEST_F(LeadImportTest, ARowThatTheServiceRefusesIsRefusedOnceByItsColumn) {
  serve([](const IncomingCommand& command) -> Answer {
    if (name_of(command) == "b") return invalid("person.name", "is too short", "write all of it");
    return captured("lead-" + name_of(command), true);
  });
  import("1,a\n2,b\n3,c\n");
  EXPECT_EQ(leads_->counts().fresh, 2u);
  EXPECT_EQ(leads_->rejections().by_reason(), (std::map<std::string, uint64_t>{{"name is too short", 1}}));
  EXPECT_EQ(leads_->row(leads_->find({"2"})).lead, "");
}

TEST_F(LeadImportTest, ADryRunCountsTheSecondRowOfANewPersonAsATouch) {
  std::set<std::string> known;
  const auto decide = [&](const IncomingCommand& command) -> Answer {
    const std::string lead = "lead-" + name_of(command);
    const bool is_new = !known.contains(lead);
    if (!command.validate_only) known.insert(lead);
    return captured(lead, is_new);
  };
  serve(decide);
  for (const bool dry_run : {true, false}) {
    import("1,a\n2,a\n3,c\n", dry_run);
    EXPECT_EQ(leads_->counts().fresh, 2u) << dry_run;
    EXPECT_EQ(leads_->counts().touches, 1u) << dry_run;
  }
}

TEST_F(LeadImportTest, WhatAnEarlierRunHasDoneIsUnchanged) {
  serve([](const IncomingCommand& command) -> Answer {
    auto result = captured("lead-" + name_of(command), true);
    result.set_repeated(name_of(command) == "a");
    return result;
  });
  import("1,a\n2,b\n");
  EXPECT_EQ(leads_->counts().unchanged, 1u);
  EXPECT_EQ(leads_->counts().fresh, 1u);
}

TEST_F(LeadImportTest, TheIdsDeriveFromTheRowsKey) {
  serve([](const IncomingCommand& command) -> Answer { return captured("lead-" + name_of(command), true); });
  import("1,a\n2,b\n");
  import("2,b\n1,a\n");
  const auto seen = installation_->service().seen();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].request_id, seen[3].request_id);
  EXPECT_EQ(seen[1].request_id, seen[2].request_id);
  EXPECT_NE(seen[0].request_id, seen[1].request_id);
  EXPECT_EQ(reference_of(seen[0]), "shop:1");
}

TEST_F(LeadImportTest, ARowWithOtherContentIsAnotherRequestOfTheSameReference) {
  serve([](const IncomingCommand& command) -> Answer { return captured("lead-" + name_of(command), true); });
  import("1,a\n");
  import("1,b\n");
  const auto seen = installation_->service().seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NE(seen[0].request_id, seen[1].request_id);
  EXPECT_EQ(reference_of(seen[0]), reference_of(seen[1]));
}

TEST_F(LeadImportTest, TwoKeysHaveTwoReferences) {
  serve([](const IncomingCommand& command) -> Answer { return captured("lead-" + name_of(command), true); });
  import("1|2,3\n1,2|3\n1,2\n1\\,2\n", false, "[id, name]");
  std::set<std::string> references;
  for (const auto& command : installation_->service().seen()) references.insert(reference_of(command));
  EXPECT_EQ(references.size(), 4u);
  EXPECT_TRUE(references.contains("shop:1|2"));
}

}  // namespace
}  // namespace tandem::cli
