// The main road, all four services on the in-memory store and bus: a lead becomes commission, and every step of it is
// an event on the bus.
#include "tests/integration/road.h"

namespace tandem::testing {
namespace {

class MainRoadTest : public Road {};

TEST_F(MainRoadTest, ALeadBecomesCommissionAndBack) {
  const std::string lead = capture("Eva@Example.com");
  company_.settle();
  EXPECT_EQ(company_.get<marketing::v1::Lead>("marketing", {"lead", lead}).status(),
            marketing::v1::LEAD_STATUS_QUALIFIED);
  const auto assignment = assignment_of(lead);
  EXPECT_EQ(assignment.member(), "ana") << "weight 2 comes first";
  EXPECT_EQ(assignment.considered_size(), 2);

  const std::string opportunity = accept(assignment);
  ASSERT_FALSE(opportunity.empty());
  sales::v1::MoveStage move;
  move.set_opportunity(opportunity);
  move.set_stage("offer");
  accepted("sales", "MoveStage", move);
  win(opportunity, 11'000'000);
  EXPECT_EQ(earned("ana", "ae"), 680'000) << "6 % of 100,000 and 8 % of 10,000";
  EXPECT_EQ(earned("mia", "lead"), 110'000) << "the manager's 1 %";
  expect_every_ledger_sums_to_zero();

  const std::string customer = company_.get<marketing::v1::Lead>("marketing", {"lead", lead}).customer();
  EXPECT_EQ(company_.get<crm::v1::Customer>("crm", {"customer", customer}).stage(),
            crm::v1::PURCHASING_STAGE_PURCHASED);
  EXPECT_EQ(company_.list<crm::v1::Contract>("crm", "contract").size(), 1u);
  EXPECT_GE(company_.list<crm::v1::Interaction>("crm", "interaction", "customer = \"" + customer + "\"").size(), 5u);

  sales::v1::ReverseDeal reverse;
  reverse.set_opportunity(opportunity);
  reverse.set_reason("not paid");
  accepted("sales", "ReverseDeal", reverse);
  company_.settle();
  EXPECT_EQ(earned("ana", "ae"), 0);
  EXPECT_EQ(earned("mia", "lead"), 0);
  expect_every_ledger_sums_to_zero();
  expect_nothing_parked();
}

TEST_F(MainRoadTest, AStatementIsApprovedAndPaidAndWhatComesLateGoesToTheNextPeriod) {
  const std::string lead = capture("a@x.de");
  company_.settle();
  const std::string first = accept(assignment_of(lead));
  win(first, 1'000'000);
  incentives::v1::ApproveStatement approve;
  const auto open = company_.list<incentives::v1::Statement>("incentives", "statement", "payee = \"ana\"");
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].total().minor_units(), 60'000);
  approve.set_statement(open[0].statement());
  accepted("incentives", "ApproveStatement", approve);
  incentives::v1::PayStatement pay;
  pay.set_statement(open[0].statement());
  accepted("incentives", "PayStatement", pay);
  sales::v1::ReverseDeal reverse;
  reverse.set_opportunity(first);
  reverse.set_reason("cancelled");
  accepted("sales", "ReverseDeal", reverse);
  company_.settle();
  const auto statements = company_.list<incentives::v1::Statement>("incentives", "statement", "payee = \"ana\"");
  ASSERT_EQ(statements.size(), 2u) << "the closed one did not change";
  std::map<std::string, int64_t> totals;
  for (const auto& s : statements) totals[s.period()] = s.total().minor_units();
  EXPECT_EQ(totals["2026-11"], 60'000);
  EXPECT_EQ(totals["2026-12"], -60'000);
  expect_every_ledger_sums_to_zero();
  expect_nothing_parked();
}

TEST_F(MainRoadTest, HundredsOfLeadsAreSharedByWeight) {
  std::map<std::string, int> given;
  for (int i = 0; i < 300; i++) capture("person" + std::to_string(i) + "@example.com");
  company_.settle();
  for (const auto& a : company_.list<sales::v1::Assignment>("sales", "assignment")) given[a.member()]++;
  EXPECT_EQ(given["ana"], 200);
  EXPECT_EQ(given["ben"], 100);
  EXPECT_EQ(company_.list<crm::v1::Customer>("crm", "customer").size(), 300u);
  expect_nothing_parked();
}

TEST_F(MainRoadTest, ADeclinedAndAnExpiredLeadGoToSomebodyElseAndThenToThePerson) {
  const std::string lead = capture("eva@example.com");
  company_.settle();
  sales::v1::DeclineLead decline;
  decline.set_assignment(assignment_of(lead).assignment());
  decline.set_member("ana");
  decline.set_reason("knows them privately");
  accepted("sales", "DeclineLead", decline);
  company_.settle();
  EXPECT_EQ(assignment_of(lead).member(), "ben");
  company_.clock().advance(std::chrono::minutes(61));
  company_.settle();
  const auto team = company_.get<sales::v1::Team>("sales", {"team", "north"});
  ASSERT_EQ(team.queue_size(), 1);
  EXPECT_TRUE(team.queue(0).needs_person());
  expect_nothing_parked();
}

}  // namespace
}  // namespace tandem::testing
