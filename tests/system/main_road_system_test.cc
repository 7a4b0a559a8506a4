// The main road over gRPC, through all four services, Redis and the bus.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tandem/crm/v1/resources.pb.h"
#include "tandem/crm/v1/service.pb.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

class MainRoadSystemTest : public ::testing::Test {
 protected:
  MainRoadSystemTest() { company_.define(); }

  std::string capture(const std::string& email) {
    auto command = company_.person(email);
    command.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
    const auto result = company_.done(command);
    EXPECT_EQ(result.acknowledgement(), type::v1::ACKNOWLEDGEMENT_PUBLISHED);
    EXPECT_GT(result.position().number(), 0u);
    return result.subject();
  }

  std::vector<incentives::v1::Entry> entries(const std::string& deal) {
    return company_.list<incentives::v1::Entry, incentives::v1::ListEntriesResult>("deal = \"" + deal + "\"");
  }

  Installation tandem_;
  Company company_{tandem_};
};

TEST_F(MainRoadSystemTest, ALeadBecomesCommissionThatIsApprovedAndPaid) {
  const std::string lead = capture("Eva@Example.com");
  const auto assignment = company_.assignment_of(lead);
  EXPECT_EQ(assignment.member(), "ana");
  const std::string opportunity = company_.accept(assignment);
  sales::v1::MoveStage move;
  move.set_opportunity(opportunity);
  move.set_stage("offer");
  company_.done(move);
  company_.win(opportunity, 11'000'000);

  std::vector<incentives::v1::Entry> found;
  ASSERT_TRUE(eventually([&] { return (found = entries(opportunity)).size() == 2; }));
  std::map<std::string, int64_t> earned;
  for (const auto& entry : found) earned[entry.payee()] += entry.amount().minor_units();
  EXPECT_EQ(earned["ana"], 680'000) << "6 % of 100,000.00 and 8 % of 10,000.00";
  EXPECT_EQ(earned["mia"], 110'000);

  std::vector<incentives::v1::Statement> statements;
  ASSERT_TRUE(eventually([&] {
    statements = company_.list<incentives::v1::Statement, incentives::v1::ListStatementsResult>("payee = \"ana\"");
    return statements.size() == 1;
  }));
  incentives::v1::ApproveStatement approve;
  approve.set_statement(statements[0].statement());
  *approve.mutable_expected_total() = statements[0].total();
  company_.done(approve);
  incentives::v1::PayStatement pay;
  pay.set_statement(statements[0].statement());
  company_.done(pay);
  const auto paid = company_.list<incentives::v1::Statement, incentives::v1::ListStatementsResult>("status = PAID");
  ASSERT_EQ(paid.size(), 1u);
  EXPECT_EQ(paid[0].total().minor_units(), 680'000);

  sales::v1::ReverseDeal reverse;
  reverse.set_opportunity(opportunity);
  reverse.set_reason("not paid");
  company_.done(reverse);
  ASSERT_TRUE(eventually([&] { return (found = entries(opportunity)).size() == 4; }));
  int64_t left = 0;
  for (const auto& entry : found) left += entry.amount().minor_units();
  EXPECT_EQ(left, 0);
  EXPECT_TRUE(eventually(
      [&] { return company_.list<crm::v1::Contract, crm::v1::ListContractsResult>("status = ENDED").size() == 1; }));
}

TEST_F(MainRoadSystemTest, ListsGiveEverythingOnceWhateverThePage) {
  std::set<std::string> sent;
  for (int i = 0; i < 30; i++) sent.insert(capture("person" + std::to_string(i) + "@example.com"));
  EXPECT_EQ(sent.size(), 30u);
  std::multiset<std::string> seen;
  for (const auto& lead : company_.list<marketing::v1::Lead, marketing::v1::ListLeadsResult>("", 7)) {
    seen.insert(lead.lead());
  }
  EXPECT_EQ(seen, std::multiset<std::string>(sent.begin(), sent.end()));
  ASSERT_TRUE(eventually([&] { return company_.assignments("").size() == 30; }));
  EXPECT_EQ(company_.assignments("member = \"ana\"").size(), 20u);
  EXPECT_EQ(company_.assignments("member = \"ben\" AND status = ASSIGNED").size(), 10u);
  EXPECT_EQ(company_.assignments("member = \"ben\" AND status = ACCEPTED").size(), 0u);

  type::v1::ListRequest request;
  request.set_page_size(3);
  const auto page = tandem_.call<marketing::v1::ListLeadsResult>("marketing", "ListLeads", request);
  ASSERT_TRUE(page.ok());
  request.set_page_token(page->next_page_token());
  request.set_filter("status = NEW");
  EXPECT_EQ(tandem_.call<marketing::v1::ListLeadsResult>("marketing", "ListLeads", request).code(),
            Code::kInvalidArgument)
      << "a token is only good for its own query";
  request.clear_page_token();
  request.set_filter("colour = \"red\"");
  EXPECT_EQ(tandem_.call<marketing::v1::ListLeadsResult>("marketing", "ListLeads", request).code(),
            Code::kInvalidArgument);
}

TEST_F(MainRoadSystemTest, TheSameRequestHasItsEffectOnce) {
  auto command = company_.person("eva@example.com");
  command.set_request_id("the-request");
  const auto first = company_.done(command);
  const auto second = company_.done(command);
  EXPECT_FALSE(first.repeated());
  EXPECT_TRUE(second.repeated());
  EXPECT_EQ(first.event_id(), second.event_id());
  EXPECT_EQ(first.subject(), second.subject());
  command.mutable_person()->set_name("Somebody else");
  const auto other = company_.give(command);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.code(), Code::kInvalidArgument) << to_line(other.error());
}

}  // namespace
}  // namespace tandem::testing
