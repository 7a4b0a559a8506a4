#include "services/crm/customer.h"

#include <random>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/spec.h"
#include "shared/base/identity.h"

namespace tandem::crm {
namespace {

constexpr char kCustomer[] = "customer-1";

v1::RegisterProspect prospect(const std::string& company = "Kranbau Huber") {
  v1::RegisterProspect c;
  c.set_customer(kCustomer);
  c.set_lead("lead-1");
  c.mutable_person()->set_name("Ana Huber");
  c.mutable_person()->set_email("ana@huber.example");
  c.set_company(company);
  c.set_country("DE");
  return c;
}

v1::CustomerRegistered registered(v1::PurchasingStage stage = v1::PURCHASING_STAGE_PROSPECT,
                                  v1::Relationship relationship = v1::RELATIONSHIP_PROSPECTIVE) {
  const auto c = prospect();
  v1::CustomerRegistered e;
  e.set_customer(c.customer());
  e.set_lead(c.lead());
  *e.mutable_person() = c.person();
  e.set_company(c.company());
  e.set_country(c.country());
  e.set_stage(stage);
  e.set_relationship(relationship);
  return e;
}

v1::ReachStage contacted() {
  v1::ReachStage c;
  c.set_customer(kCustomer);
  c.set_contacted("assignment-1");
  return c;
}

v1::ReachStage deal(const std::string& opportunity, v1::Dealing dealing) {
  v1::ReachStage c;
  c.set_customer(kCustomer);
  c.mutable_opportunity()->set_opportunity(opportunity);
  c.mutable_opportunity()->set_dealing(dealing);
  return c;
}

v1::StageReached reached(v1::PurchasingStage from, v1::PurchasingStage to, v1::Relationship relationship,
                         const std::string& subject, v1::Dealing dealing = v1::DEALING_UNSPECIFIED) {
  v1::StageReached e;
  e.set_customer(kCustomer);
  e.set_from(from);
  e.set_to(to);
  e.set_relationship(relationship);
  e.set_subject(subject);
  e.set_dealing(dealing);
  return e;
}

v1::DealingNoted noted(const std::string& opportunity, v1::Dealing dealing) {
  v1::DealingNoted e;
  e.set_customer(kCustomer);
  e.set_opportunity(opportunity);
  e.set_dealing(dealing);
  return e;
}

constexpr auto kProspect = v1::PURCHASING_STAGE_PROSPECT;
constexpr auto kContacted = v1::PURCHASING_STAGE_CONTACTED;
constexpr auto kEvaluating = v1::PURCHASING_STAGE_EVALUATING;
constexpr auto kPurchased = v1::PURCHASING_STAGE_PURCHASED;
constexpr auto kRepeat = v1::PURCHASING_STAGE_REPEAT;
constexpr auto kDormant = v1::PURCHASING_STAGE_DORMANT;
constexpr auto kUnknown = v1::PURCHASING_STAGE_UNSPECIFIED;
constexpr auto kProspective = v1::RELATIONSHIP_PROSPECTIVE;
constexpr auto kNew = v1::RELATIONSHIP_NEW;
constexpr auto kOld = v1::RELATIONSHIP_OLD;

SPEC(Customer, IsRegisteredAsAProspect) {
  id(kCustomer);
  when(prospect());
  then(registered());
  when(prospect());
  then_nothing();
}

SPEC(Customer, GoesThroughThePurchasingProcess) {
  given(registered());
  when(contacted());
  then(reached(kProspect, kContacted, kProspective, "assignment-1"));
  when(deal("opp-1", v1::DEALING_OPEN));
  then(reached(kContacted, kEvaluating, kProspective, "opp-1", v1::DEALING_OPEN));
  when(deal("opp-1", v1::DEALING_OPEN));  // another stage of the same
  then_nothing();
  when(deal("opp-1", v1::DEALING_WON));
  then(reached(kEvaluating, kPurchased, kNew, "opp-1", v1::DEALING_WON));
  when(deal("opp-2", v1::DEALING_OPEN));
  then(noted("opp-2", v1::DEALING_OPEN));
  when(deal("opp-2", v1::DEALING_WON));
  then(reached(kPurchased, kRepeat, kOld, "opp-2", v1::DEALING_WON));
  when(deal("opp-3", v1::DEALING_WON));
  then(noted("opp-3", v1::DEALING_WON));
  EXPECT_EQ(state().purchases(), 3u);
}

SPEC(Customer, IsDormantAfterALostDealUntilTheNext) {
  given(registered());
  when(deal("opp-1", v1::DEALING_OPEN));
  when(deal("opp-1", v1::DEALING_LOST));
  then(reached(kEvaluating, kDormant, kProspective, "opp-1", v1::DEALING_LOST));
  when(deal("opp-2", v1::DEALING_OPEN));
  then(reached(kDormant, kEvaluating, kProspective, "opp-2", v1::DEALING_OPEN));
}

SPEC(Customer, StaysWithALostDealWhereOneIsOpenOrWon) {
  given(registered());
  when(deal("opp-1", v1::DEALING_OPEN));
  when(deal("opp-2", v1::DEALING_OPEN));
  when(deal("opp-1", v1::DEALING_LOST));
  then(noted("opp-1", v1::DEALING_LOST));
  EXPECT_EQ(state().stage(), kEvaluating);
  when(deal("opp-2", v1::DEALING_WON));
  when(deal("opp-3", v1::DEALING_LOST));
  then(noted("opp-3", v1::DEALING_LOST));
  EXPECT_EQ(state().stage(), kPurchased);
}

SPEC(Customer, ADealTakenBackIsNoPurchase) {
  given(registered());
  when(deal("opp-1", v1::DEALING_WON));
  when(deal("opp-2", v1::DEALING_WON));
  when(deal("opp-1", v1::DEALING_REVERSED));
  then(reached(kRepeat, kPurchased, kNew, "opp-1", v1::DEALING_REVERSED));
  when(deal("opp-1", v1::DEALING_REVERSED));
  then_nothing();
  when(deal("opp-2", v1::DEALING_REVERSED));
  then(reached(kPurchased, kDormant, kProspective, "opp-2", v1::DEALING_REVERSED));
  EXPECT_EQ(state().purchases(), 0u);
}

SPEC(Customer, NeverGoesBackByALateEvent) {
  given(registered());
  when(deal("opp-1", v1::DEALING_WON));
  when(contacted());
  then_nothing();
  when(deal("opp-1", v1::DEALING_OPEN));
  then_nothing();
  when(deal("opp-1", v1::DEALING_LOST));
  then_nothing();
  EXPECT_EQ(state().stage(), kPurchased);
}

SPEC(Customer, WhoIsNotKnownYetIsMadeByTheDealAndNamedLater) {
  at_time("2026-03-01T09:00:00Z");
  when(deal("opp-1", v1::DEALING_WON));
  then(reached(kUnknown, kPurchased, kNew, "opp-1", v1::DEALING_WON));
  EXPECT_EQ(state().customer(), kCustomer);
  EXPECT_FALSE(state().has_registered_at());
  at_time("2026-03-01T09:00:01Z");
  when(prospect());
  then(registered(kPurchased, kNew));
  EXPECT_EQ(state().created_at().seconds() + 1, state().registered_at().seconds());
  EXPECT_EQ(state().person().email(), "ana@huber.example");
}

SPEC(Customer, WhatWasNotKnownIsFilledAndWhatStandsStays) {
  given(registered());
  auto more = prospect("Other");
  more.mutable_person()->set_name("A. Huber");
  more.mutable_person()->set_phone("+4915112345678");
  when(more);
  auto expected = registered();
  expected.mutable_person()->set_phone("+4915112345678");
  then(expected);
  when(more);
  then_nothing();
}

SPEC(Customer, IsRegisteredByHandInOneSpelling) {
  id(kCustomer);
  v1::RegisterCustomer c;
  c.mutable_person()->set_name(" Ana Huber ");
  c.mutable_person()->set_email("Ana@HUBER.example");
  c.set_company(" Kranbau Huber ");
  c.set_country("DE");
  when(c);
  auto expected = registered();
  expected.clear_lead();
  then(expected);
  when(prospect());  // the same person as a lead: it is linked
  then(registered());
  when(c);
  then_nothing();
}

SPEC(Customer, ByHandIsSomebodyOrACompany) {
  id(kCustomer);
  v1::RegisterCustomer c;
  c.set_company("  ");
  when(c);
  then_rejected(Code::kInvalidArgument, "person");
  c.mutable_person()->set_email("ana");
  when(c);
  then_rejected(Code::kInvalidArgument, "person.email");
  c.clear_person();
  c.set_company("Kranbau Huber");
  when(c);
  EXPECT_EQ(then_event<v1::CustomerRegistered>().company(), "Kranbau Huber");
}

SPEC(Customer, ListsFindItByStageRelationshipAndLead) {
  at_time("2026-03-01T09:00:00Z");
  given(registered());
  const Indexes indexes = Customer::indexes(state());
  EXPECT_EQ(indexes.order, order_key(parse_instant("2026-03-01T09:00:00Z").value()));
  const std::vector<std::pair<std::string, std::string>> by{
      {"stage", "PROSPECT"}, {"relationship", "PROSPECTIVE"}, {"lead", "lead-1"}};
  EXPECT_EQ(indexes.by, by);
}

// Every log in its own order, the logs interleaved at random: the customer is the same but for times.
class AnyOrder : public Spec<Customer> {
 protected:
  using Log = std::vector<std::shared_ptr<google::protobuf::Message>>;

  template <class... C>
  static Log log(const C&... commands) {
    return {std::make_shared<C>(commands)...};
  }
  static v1::Customer after(std::vector<Log> logs, std::mt19937& random) {
    AnyOrderRun run;
    std::vector<size_t> next(logs.size(), 0);
    size_t left = 0;
    for (const Log& one : logs) left += one.size();
    while (left > 0) {
      const size_t i = random() % logs.size();
      if (next[i] == logs[i].size()) continue;
      run.give(*logs[i][next[i]++]);
      --left;
    }
    return run.result();
  }

 private:
  class AnyOrderRun : public Spec<Customer> {
   public:
    void TestBody() override {}
    void give(const google::protobuf::Message& command) {
      id(kCustomer);
      if (command.GetDescriptor() == v1::ReachStage::descriptor()) {
        when(static_cast<const v1::ReachStage&>(command));
      } else {
        when(static_cast<const v1::RegisterProspect&>(command));
      }
    }
    v1::Customer result() const {
      v1::Customer customer = state();
      customer.clear_created_at();
      customer.clear_registered_at();
      customer.clear_stage_since();
      return customer;
    }
  };
};

TEST_F(AnyOrder, OfTheLogsGivesTheSameCustomer) {
  auto touched = prospect();
  touched.mutable_person()->set_phone("+4915112345678");
  const std::vector<Log> logs{
      log(prospect(), touched),
      log(contacted()),
      log(deal("opp-1", v1::DEALING_OPEN), deal("opp-1", v1::DEALING_OPEN), deal("opp-1", v1::DEALING_WON),
          deal("opp-1", v1::DEALING_REVERSED)),
      log(deal("opp-2", v1::DEALING_OPEN), deal("opp-2", v1::DEALING_LOST)),
      log(deal("opp-3", v1::DEALING_OPEN), deal("opp-3", v1::DEALING_WON)),
  };
  std::mt19937 random(11);
  const v1::Customer first = after(logs, random);
  EXPECT_EQ(first.stage(), kPurchased);
  EXPECT_EQ(first.relationship(), kNew);
  EXPECT_EQ(first.dealings_size(), 3);
  EXPECT_EQ(first.person().phone(), "+4915112345678");
  for (int i = 0; i < 500; ++i) {
    const v1::Customer other = after(logs, random);
    ASSERT_EQ(other.SerializeAsString(), first.SerializeAsString()) << other.ShortDebugString() << "\n"
                                                                    << first.ShortDebugString();
  }
}

}  // namespace
}  // namespace tandem::crm
