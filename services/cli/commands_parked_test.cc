// tandem parked, with more parked commands than one page holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "services/cli/app.h"
#include "services/cli/fake_installation_testing.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;

constexpr int kParked = 2500;

// lead/0, lead/1 and so on, as AdminService lists them; a token is the number to go on with.
Result<std::unique_ptr<Message>> list_parked(const Message& message, const CallerInfo&) {
  const auto& request = static_cast<const runtime::v1::ListParked&>(message);
  auto answer = std::make_unique<runtime::v1::ListParkedResult>();
  const auto add = [&](const std::string& id) {
    auto& aggregate = *answer->add_aggregates();
    aggregate.set_aggregate_type("lead");
    aggregate.set_aggregate_id(id);
    aggregate.add_commands()->set_id("parked-" + id);
  };
  if (!request.aggregate_id().empty()) {
    if (std::stoi(request.aggregate_id()) < kParked) add(request.aggregate_id());
    return std::unique_ptr<Message>(std::move(answer));
  }
  const int from = request.page_token().empty() ? 0 : std::stoi(request.page_token());
  const int to = std::min(from + request.page_size(), kParked);
  for (int i = from; i < to; ++i) add(std::to_string(i));
  if (to < kParked) answer->set_next_page_token(std::to_string(to));
  return std::unique_ptr<Message>(std::move(answer));
}

rpc::ServerOptions with_admin_service() {
  rpc::ExtraService admin{"tandem.runtime.v1.AdminService", {}};
  admin.methods["GetStatus"].read = [](const Message&, const CallerInfo&) -> Result<std::unique_ptr<Message>> {
    return std::unique_ptr<Message>(std::make_unique<runtime::v1::ServiceStatus>());
  };
  admin.methods["ListParked"].read = list_parked;
  admin.methods["RetryParked"].target = [](const Message& message) -> Result<AggregateRef> {
    const auto& request = static_cast<const runtime::v1::RetryParked&>(message);
    return AggregateRef{request.aggregate_type(), request.aggregate_id()};
  };
  admin.methods["DiscardParked"].target = [](const Message&) -> Result<AggregateRef> { return AggregateRef{}; };
  rpc::ServerOptions options;
  options.extras.push_back(std::move(admin));
  return options;
}

class ParkedTest : public ::testing::Test {
 protected:
  int parked(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "parked");
    arguments.insert(arguments.end(), {"--service", "marketing", "--folder", installation_.folder().string()});
    out_.str("");
    err_.str("");
    return run(std::move(arguments), out_, err_);
  }
  // The table's, without its title.
  long rows() const {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\n') - 1;
  }

  FakeInstallation installation_{FakeInstallation::FakeService::accept, with_admin_service()};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ParkedTest, TheListSaysThatThereIsMoreAndShowsItAll) {
  EXPECT_EQ(parked({"list"}), kExitOk);
  EXPECT_EQ(rows(), 1000);
  EXPECT_EQ(err_.str(), "there are more of marketing: --all shows them\n");
  EXPECT_EQ(parked({"list", "--all"}), kExitOk);
  EXPECT_EQ(rows(), kParked);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ParkedTest, WhatStandsFarBehindIsFound) {
  EXPECT_EQ(parked({"show", "lead/2400"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("parked-2400"));
  EXPECT_EQ(parked({"retry", "lead/2400"}), kExitOk) << err_.str();
  const auto seen = installation_.service().seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(static_cast<const runtime::v1::RetryParked&>(*seen[0].message).command(), "parked-2400");
}

TEST_F(ParkedTest, WhatHasNoneIsSaid) {
  EXPECT_EQ(parked({"show", "lead/2500"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("lead/2500 has no parked commands"));
}

}  // namespace
}  // namespace tandem::cli
