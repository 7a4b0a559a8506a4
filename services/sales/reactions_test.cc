#include <gtest/gtest.h>

#include "services/sales/assignment.h"
#include "services/sales/opportunity.h"
#include "services/sales/sales_testing.h"
#include "services/sales/service.h"
#include "services/sales/team.h"
#include "tandem/marketing/v1/events.pb.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

Commands caused_by(const google::protobuf::Message& event) { return reactions().commands(event, EventMeta{}); }

constexpr uint64_t k(uint64_t number) { return number * 65536; }

template <class C>
const C& as(const CausedCommand& command) {
  EXPECT_EQ(command.message->GetDescriptor(), C::descriptor());
  return static_cast<const C&>(*command.message);
}

TEST(Reactions, AQualifiedLeadIsGivenToItsTeam) {
  marketing::v1::LeadQualified e;
  e.set_lead("lead-1");
  e.set_customer("customer-1");
  e.set_team("hunters");
  e.mutable_facts()->set_territory("DE");
  e.mutable_facts()->add_skills("english");
  e.mutable_facts()->set_product("crm");
  *e.mutable_facts()->mutable_value() = money(100);
  e.mutable_first_touch()->set_touch("touch-1");
  e.mutable_first_touch()->set_campaign("spring");
  *e.mutable_captured_at() = timestamp("2026-10-07T10:00:00Z");
  auto commands = caused_by(e);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].target, ref<Team>("hunters"));
  EXPECT_EQ(commands[0].k, k(1));
  const auto& c = as<v1::PickMember>(commands[0]);
  EXPECT_EQ(c.hop(), 1U);
  EXPECT_TRUE(c.excluded().empty());
  v1::LeadNeeds expected = lead("lead-1", "DE", "english");
  expected.set_customer("customer-1");
  expected.set_product("crm");
  *expected.mutable_value() = money(100);
  expected.set_touch("touch-1");
  expected.set_campaign("spring");
  *expected.mutable_captured_at() = timestamp("2026-10-07T10:00:00Z");
  EXPECT_EQ(c.lead().SerializeAsString(), expected.SerializeAsString());
  e.clear_team();
  EXPECT_EQ(caused_by(e)[0].target, ref<Team>("default"));
}

TEST(Reactions, AChoiceIsAssigned) {
  v1::MemberPicked e;
  *e.mutable_lead() = lead("lead-1");
  e.set_member("ana");
  const auto commands = caused_by(e);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].target, ref<Assignment>(Assignment::id_of("lead-1")));
  EXPECT_EQ(commands[0].k, k(2));
  EXPECT_EQ(as<v1::Assign>(commands[0]).choice().member(), "ana");
}

template <class Ended>
void expect_next_choice(uint64_t number) {
  Ended e;
  *e.mutable_lead() = lead("lead-1");
  e.set_team("hunters");
  e.set_member("ben");
  e.set_hop(2);
  e.add_excluded("ana");
  e.add_excluded("ben");
  const auto commands = caused_by(e);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].target, ref<Team>("hunters"));
  EXPECT_EQ(commands[0].k, k(number));
  EXPECT_EQ(as<v1::PickMember>(commands[0]).SerializeAsString(),
            pick(lead("lead-1"), 3, {"ana", "ben"}).SerializeAsString());
}

TEST(Reactions, ADeclinedOrExpiredLeadIsGivenToTheNext) {
  expect_next_choice<v1::LeadDeclined>(3);
  expect_next_choice<v1::AssignmentExpired>(4);
}

TEST(Reactions, AnAcceptedLeadOpensItsOpportunity) {
  v1::LeadAccepted e;
  *e.mutable_lead() = lead("lead-1");
  e.set_team("hunters");
  e.set_member("ana");
  e.set_opportunity("opportunity-1");
  e.set_plan("plan-ana");
  e.set_pipeline("standard");
  const auto commands = caused_by(e);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].target, ref<Opportunity>("opportunity-1"));
  EXPECT_EQ(commands[0].k, k(5));
  const auto& c = as<v1::OpenOpportunity>(commands[0]);
  EXPECT_EQ(c.owner(), "ana");
  EXPECT_EQ(c.plan(), "plan-ana");
  EXPECT_EQ(c.pipeline(), "standard");
}

template <class Closed>
void expect_free_capacity(uint64_t number) {
  Closed e;
  e.set_team("hunters");
  EXPECT_TRUE(caused_by(e).empty()) << "no lead, no slot";
  e.set_lead("lead-1");
  e.set_opportunity("another-deal");
  EXPECT_TRUE(caused_by(e).empty()) << "opened by hand, beside the one in hand";
  e.set_opportunity(Assignment::opportunity_of(Assignment::id_of("lead-1")));
  const auto commands = caused_by(e);
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].target, ref<Team>("hunters"));
  EXPECT_EQ(commands[0].k, k(number));
  EXPECT_EQ(as<v1::FreeCapacity>(commands[0]).lead(), "lead-1");
}

TEST(Reactions, AClosedDealFreesTheSlot) {
  expect_free_capacity<v1::DealWon>(6);
  expect_free_capacity<v1::DealLost>(7);
}

TEST(Reactions, NoFurtherSourcesThanMarketingAndSales) {
  EXPECT_EQ(reactions().sources(), (std::set<std::string>{"marketing", "sales"}));
}

}  // namespace
}  // namespace tandem::sales
