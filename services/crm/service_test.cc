#include "services/crm/service.h"

#include <gtest/gtest.h>

#include "services/crm/contract.h"
#include "services/crm/customer.h"
#include "services/crm/interaction.h"
#include "shared/base/identity.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::crm {
namespace {

namespace marketing = ::tandem::marketing::v1;
namespace sales = ::tandem::sales::v1;

const ServiceDefinition& definition() {
  static const ServiceDefinition d = service({"key"});
  return d;
}

std::string target(const char* method, const google::protobuf::Message& command, const std::string& request_id) {
  const auto id = definition().api.methods().at(method).target(command, {request_id});
  return id.ok() ? id.value() : to_line(id.error());
}

TEST(CrmApi, HasEveryMethodOfTheContract) {
  const auto* contract = v1::AddNote::descriptor()->file()->FindServiceByName("CrmService");
  ASSERT_NE(contract, nullptr);
  EXPECT_EQ(definition().api.service(), contract->full_name());
  EXPECT_EQ(definition().api.methods().size(), static_cast<size_t>(contract->method_count()));
  for (int i = 0; i < contract->method_count(); ++i) {
    EXPECT_EQ(definition().api.methods().count(contract->method(i)->name()), 1u) << contract->method(i)->name();
  }
}

TEST(CrmApi, ACustomerByHandIsTheOneThatALeadWouldBe) {
  v1::RegisterCustomer c;
  c.mutable_person()->set_email("ANA@huber.example");
  EXPECT_EQ(target("RegisterCustomer", c, "r1"), customer_id(lead_id({"ana@huber.example", ""}, "r2", "key")));
  c.mutable_person()->set_email("ana");
  EXPECT_EQ(target("RegisterCustomer", c, "r1").substr(0, 30), "INVALID_ARGUMENT: person.email");
}

TEST(CrmApi, ACompanyIsOneCustomerAndANameIsNone) {
  v1::RegisterCustomer c;
  c.set_company("Kranbau Huber");
  EXPECT_EQ(target("RegisterCustomer", c, "r1"), account_customer_id("kranbau huber"));
  c.mutable_person()->set_name("Ana Huber");
  EXPECT_NE(target("RegisterCustomer", c, "r1"), target("RegisterCustomer", c, "r2"));
  EXPECT_EQ(target("RegisterCustomer", c, "r1"), target("RegisterCustomer", c, "r1"));
}

TEST(CrmApi, EveryNoteIsAnEntryOfItsOwn) {
  v1::AddNote c;
  c.set_customer("customer-1");
  EXPECT_EQ(target("AddNote", c, "r1"), target("AddNote", c, "r1"));
  EXPECT_NE(target("AddNote", c, "r1"), target("AddNote", c, "r2"));
}

Commands caused_by(const google::protobuf::Message& event) {
  return definition().reactions.commands(event, {"event-1", event.GetDescriptor()->full_name(), {}, {}, {}});
}

// The command with number k, or a failure.
template <class A, class C>
C command(const Commands& commands, uint32_t number, const std::string& id) {
  for (const CausedCommand& one : commands) {
    if (one.k != number * 65536ull) continue;
    EXPECT_EQ(one.target, ref<A>(id));
    EXPECT_TRUE(one.ignorable.empty());
    if (one.message->GetDescriptor() == C::descriptor()) return static_cast<const C&>(*one.message);
  }
  ADD_FAILURE() << "no " << C::descriptor()->name() << " with number " << number;
  return {};
}

v1::RecordInteraction entry(const google::protobuf::Message& event, uint32_t number) {
  const std::string id = derive_id("interaction", {"event-1"});
  const auto c = command<Interaction, v1::RecordInteraction>(caused_by(event), number, id);
  EXPECT_EQ(c.kind(), event.GetDescriptor()->full_name());
  EXPECT_EQ(c.customer(), "customer-1");
  return c;
}

template <class Event>
Event of_lead() {
  Event e;
  e.set_lead("lead-1");
  e.set_customer("customer-1");
  return e;
}

template <class Event>
Event of_assignment() {
  Event e;
  e.set_assignment("assignment-1");
  e.mutable_lead()->set_customer("customer-1");
  e.set_member("ana");
  return e;
}

template <class Event>
Event of_deal() {
  Event e;
  e.set_opportunity("opp-1");
  e.set_customer("customer-1");
  return e;
}

type::v1::Money euros(int64_t minor_units) {
  type::v1::Money m;
  m.set_minor_units(minor_units);
  m.set_currency("EUR");
  return m;
}

sales::DealWon won() {
  auto e = of_deal<sales::DealWon>();
  e.set_contract("contract-1");
  e.set_owner("ana");
  e.set_product("proline");
  *e.mutable_amount() = euros(100'000);
  e.mutable_won_at()->set_seconds(1000);
  e.mutable_terms()->mutable_starts_at()->set_seconds(2000);
  e.mutable_terms()->set_months(12);
  return e;
}

sales::DealReversed reversed(bool whole) {
  auto e = of_deal<sales::DealReversed>();
  e.set_contract("contract-1");
  e.set_reversal("reversal-1");
  *e.mutable_amount() = euros(30'000);
  e.set_reason("fewer seats");
  e.set_whole(whole);
  return e;
}

TEST(CrmReactions, ALeadIsAProspect) {
  auto e = of_lead<marketing::LeadCaptured>();
  e.mutable_person()->set_name("Ana Huber");
  e.mutable_person()->set_email("ana@huber.example");
  e.mutable_person()->set_phone("+4915112345678");
  e.mutable_facts()->set_company("Kranbau Huber");
  e.mutable_facts()->set_country("DE");
  const auto c = command<Customer, v1::RegisterProspect>(caused_by(e), 1, "customer-1");
  EXPECT_EQ(c.customer(), "customer-1");
  EXPECT_EQ(c.lead(), "lead-1");
  EXPECT_EQ(c.person().name(), "Ana Huber");
  EXPECT_EQ(c.person().email(), "ana@huber.example");
  EXPECT_EQ(c.person().phone(), "+4915112345678");
  EXPECT_EQ(c.company(), "Kranbau Huber");
  EXPECT_EQ(c.country(), "DE");
  const auto touched = of_lead<marketing::TouchRecorded>();
  EXPECT_EQ((command<Customer, v1::RegisterProspect>(caused_by(touched), 2, "customer-1").lead()), "lead-1");
}

TEST(CrmReactions, AnAcceptedLeadIsContacted) {
  const auto e = of_assignment<sales::LeadAccepted>();
  const auto c = command<Customer, v1::ReachStage>(caused_by(e), 3, "customer-1");
  EXPECT_EQ(c.customer(), "customer-1");
  EXPECT_EQ(c.contacted(), "assignment-1");
}

TEST(CrmReactions, ADealWithoutALeadRegistersTheAccount) {
  auto e = of_deal<sales::OpportunityOpened>();
  e.set_account("Kranbau Huber");
  EXPECT_EQ((command<Customer, v1::RegisterProspect>(caused_by(e), 4, "customer-1").company()), "Kranbau Huber");
  EXPECT_EQ(caused_by(e).size(), 3u);
  e.set_lead("lead-1");
  EXPECT_EQ(caused_by(e).size(), 2u) << "marketing knows who it is";
}

template <class Event>
void expect_dealing(const Event& e, uint32_t number, v1::Dealing dealing) {
  const auto c = command<Customer, v1::ReachStage>(caused_by(e), number, "customer-1");
  EXPECT_EQ(c.customer(), "customer-1");
  EXPECT_EQ(c.opportunity().opportunity(), "opp-1");
  EXPECT_EQ(c.opportunity().dealing(), dealing);
}

TEST(CrmReactions, DealsMoveTheCustomer) {
  expect_dealing(of_deal<sales::OpportunityOpened>(), 5, v1::DEALING_OPEN);
  expect_dealing(of_deal<sales::StageChanged>(), 6, v1::DEALING_OPEN);
  expect_dealing(won(), 7, v1::DEALING_WON);
  expect_dealing(of_deal<sales::DealLost>(), 9, v1::DEALING_LOST);
  expect_dealing(reversed(true), 10, v1::DEALING_REVERSED);
  EXPECT_EQ(caused_by(reversed(false)).size(), 2u) << "in part it stays a purchase";
}

TEST(CrmReactions, AWonDealIsAContract) {
  const auto c = command<Contract, v1::SignContract>(caused_by(won()), 8, "contract-1");
  EXPECT_EQ(c.contract(), "contract-1");
  EXPECT_EQ(c.customer(), "customer-1");
  EXPECT_EQ(c.opportunity(), "opp-1");
  EXPECT_EQ(c.product(), "proline");
  EXPECT_EQ(c.amount().minor_units(), 100'000);
  EXPECT_EQ(c.starts_at().seconds(), 2000);
  EXPECT_EQ(c.signed_at().seconds(), 1000);
  EXPECT_EQ(c.months(), 12u);
}

TEST(CrmReactions, AReversalReducesOrEndsTheContract) {
  const auto part = command<Contract, v1::ReduceContract>(caused_by(reversed(false)), 11, "contract-1");
  EXPECT_EQ(part.reversal(), "reversal-1");
  EXPECT_EQ(part.by().minor_units(), 30'000);
  EXPECT_EQ(part.reason(), "fewer seats");
  const auto whole = command<Contract, v1::EndContract>(caused_by(reversed(true)), 11, "contract-1");
  EXPECT_EQ(whole.contract(), "contract-1");
  EXPECT_EQ(whole.reversal(), "reversal-1");
}

TEST(CrmTimeline, TellsWhatMarketingDid) {
  auto captured = of_lead<marketing::LeadCaptured>();
  captured.mutable_person()->set_name("Ana Huber");
  EXPECT_EQ(entry(captured, 100).summary(), "lead captured: origin unknown");
  captured.mutable_touch()->set_channel("podcast");
  EXPECT_EQ(entry(captured, 100).summary(), "lead captured: channel podcast");
  captured.mutable_touch()->set_campaign("spring");
  EXPECT_EQ(entry(captured, 100).summary(), "lead captured: campaign spring (podcast)");
  EXPECT_EQ(entry(captured, 100).subject(), "lead-1");
  auto touched = of_lead<marketing::TouchRecorded>();
  touched.mutable_touch()->set_campaign("spring");
  EXPECT_EQ(entry(touched, 101).summary(), "another touch: campaign spring");
  auto scored = of_lead<marketing::LeadScored>();
  scored.mutable_score()->set_points(55);
  EXPECT_EQ(entry(scored, 102).summary(), "lead scored again: 55 points");
  auto qualified = of_lead<marketing::LeadQualified>();
  qualified.set_team("dach");
  qualified.set_points(55);
  qualified.set_qualified_by("mia");
  EXPECT_EQ(entry(qualified, 103).summary(), "lead qualified for team dach with 55 points");
  EXPECT_EQ(entry(qualified, 103).actor(), "mia");
  auto disqualified = of_lead<marketing::LeadDisqualified>();
  disqualified.set_reason("student");
  EXPECT_EQ(entry(disqualified, 104).summary(), "lead disqualified: student");
}

TEST(CrmTimeline, TellsOfTheAssignment) {
  sales::LeadQueued queued;
  queued.mutable_lead()->set_customer("customer-1");
  queued.set_reason("nobody is at work");
  EXPECT_EQ(entry(queued, 110).summary(), "waits for a salesperson: nobody is at work");
  EXPECT_EQ(entry(of_assignment<sales::LeadAssigned>(), 111).summary(), "assigned to ana");
  sales::LeadReassigned again;
  again.set_previous("ana");
  again.mutable_to()->set_member("ben");
  again.mutable_to()->mutable_lead()->set_customer("customer-1");
  EXPECT_EQ(entry(again, 112).summary(), "reassigned from ana to ben");
  EXPECT_EQ(entry(of_assignment<sales::LeadAccepted>(), 113).summary(), "accepted by ana");
  EXPECT_EQ(entry(of_assignment<sales::LeadAccepted>(), 113).actor(), "ana");
  EXPECT_EQ(entry(of_assignment<sales::LeadDeclined>(), 114).summary(), "declined by ana");
  EXPECT_EQ(entry(of_assignment<sales::AssignmentExpired>(), 115).summary(), "not accepted in time by ana");
}

TEST(CrmTimeline, TellsOfDealsAndContracts) {
  auto opened = of_deal<sales::OpportunityOpened>();
  opened.set_stage("demo");
  EXPECT_EQ(entry(opened, 120).summary(), "opportunity opened: demo");
  auto moved = of_deal<sales::StageChanged>();
  moved.set_from("demo");
  moved.set_to("offer");
  EXPECT_EQ(entry(moved, 121).summary(), "opportunity moved from demo to offer");
  EXPECT_EQ(entry(won(), 122).summary(), "deal won: EUR 1,000.00");
  EXPECT_EQ(entry(won(), 122).actor(), "ana");
  EXPECT_EQ(entry(of_deal<sales::DealLost>(), 123).summary(), "deal lost");
  EXPECT_EQ(entry(reversed(false), 124).summary(), "deal taken back in part: EUR 300.00");
  v1::ContractSigned contract;
  contract.set_customer("customer-1");
  contract.set_contract("contract-1");
  contract.set_months(12);
  *contract.mutable_amount() = euros(100'000);
  EXPECT_EQ(entry(contract, 131).summary(), "contract signed: EUR 1,000.00 for 12 months");
  v1::ContractReduced reduced;
  reduced.set_customer("customer-1");
  *reduced.mutable_by() = euros(30'000);
  *reduced.mutable_amount() = euros(70'000);
  EXPECT_EQ(entry(reduced, 132).summary(), "contract reduced by EUR 300.00, EUR 700.00 is left");
  v1::ContractEnded ended;
  ended.set_customer("customer-1");
  ended.set_reason("cancelled");
  EXPECT_EQ(entry(ended, 133).summary(), "contract ended: cancelled");
}

TEST(CrmTimeline, BeginsOnceAndKnowsNobodyWithoutACustomer) {
  v1::CustomerRegistered e;
  e.set_customer("customer-1");
  EXPECT_EQ(entry(e, 130).summary(), "customer registered");
  e.set_lead("lead-1");
  EXPECT_TRUE(caused_by(e).empty()) << "LeadCaptured said it";
  EXPECT_TRUE(caused_by(sales::DealLost()).empty());
  EXPECT_TRUE(caused_by(sales::LeadAccepted()).empty());
}

TEST(CrmReactions, ReadTheTopicsThatConcernCustomers) {
  EXPECT_EQ(definition().reactions.sources(), (std::set<std::string>{"crm", "marketing", "sales"}));
}

}  // namespace
}  // namespace tandem::crm
