// Redis is lost, all four services on the in-memory store and bus: everything that the topics have comes back, and no
// step of the main road is done twice.
#include "shared/store/compare_testing.h"
#include "tests/integration/road.h"

namespace tandem::testing {
namespace {

class HealTest : public Road {
 protected:
  // Leads, of which some are accepted, some won, one reversed and one declined.
  void work(const std::string& who = "person") {
    std::vector<std::string> leads;
    for (int i = 0; i < 30; i++) leads.push_back(capture(who + std::to_string(i) + "@example.com"));
    company_.settle();
    for (int i = 0; i < 10; i++) {
      const std::string opportunity = accept(assignment_of(leads[i]));
      if (i % 2 == 0) win(opportunity, 1'000'000 + i);
      if (i == 4) {
        sales::v1::ReverseDeal reverse;
        reverse.set_opportunity(opportunity);
        reverse.set_reason("not paid");
        accepted("sales", "ReverseDeal", reverse);
      }
    }
    company_.settle();
  }

  void expect_every_lead_is_assigned_once() {
    std::map<std::string, int> assignments;
    for (const auto& a : company_.list<sales::v1::Assignment>("sales", "assignment")) assignments[a.lead()]++;
    for (const auto& lead : company_.list<marketing::v1::Lead>("marketing", "lead")) {
      EXPECT_EQ(assignments[lead.lead()], 1) << lead.lead();
      assignments.erase(lead.lead());
    }
    for (const auto& [lead, count] : assignments) ADD_FAILURE() << lead << " is assigned, and not known";
  }
};

TEST_F(HealTest, EachServiceIsRebuiltFromItsTopic) {
  work();
  for (const std::string& service : kServices) {
    SCOPED_TRACE(service);
    store::MemoryWorld& world = company_.service(service).world();
    const auto before = world.snapshot();
    world.wipe();
    company_.settle();
    store::testing::expect_same_data(before, world.snapshot());
    EXPECT_GT(company_.service(service).healing().state().folded, 0u);
  }
  expect_every_lead_is_assigned_once();
  expect_every_ledger_sums_to_zero();
  expect_nothing_parked();
  work("another");
  expect_every_lead_is_assigned_once();
}

TEST_F(HealTest, AllOfThemLoseTheirTailInMidLoadAndAllGoesOn) {
  work();
  std::map<std::string, store::MemoryWorld::Shards> earlier;
  for (const std::string& service : kServices) earlier[service] = company_.service(service).world().snapshot();
  for (int i = 0; i < 50; i++) capture("later" + std::to_string(i) + "@example.com");
  for (int round = 0; round < 20; round++) {
    for (const std::string& service : kServices) company_.service(service).step();
    company_.clock().advance(std::chrono::milliseconds(1));
  }
  for (const std::string& service : kServices) company_.service(service).world().restart(earlier[service]);
  company_.settle();
  expect_every_lead_is_assigned_once();
  expect_every_ledger_sums_to_zero();
  expect_nothing_parked();
  EXPECT_GT(company_.list<marketing::v1::Lead>("marketing", "lead").size(), 30u) << "what was published is there";
  // The others are sent again, as by callers who were told nothing.
  for (int i = 0; i < 50; i++) capture("later" + std::to_string(i) + "@example.com");
  company_.settle();
  EXPECT_EQ(company_.list<marketing::v1::Lead>("marketing", "lead").size(), 80u);
  expect_every_lead_is_assigned_once();
}

// As when it ran ahead and is put right. Shards are looked at, timers fire and places are noted all the same.
TEST_F(HealTest, AClockThatIsPutBackHoldsUpNothing) {
  work();
  company_.clock().set(company_.clock().now() - std::chrono::hours(10));
  const auto before = company_.service("sales").world().snapshot();
  company_.service("sales").world().wipe();
  company_.settle();
  EXPECT_GT(company_.service("sales").healing().state().folded, 0u);
  store::testing::expect_same_data(before, company_.service("sales").world().snapshot());
  work("another");
  expect_every_lead_is_assigned_once();
  expect_nothing_parked();
}

TEST_F(HealTest, AllOfThemAreEmptiedAtOnce) {
  work();
  for (const std::string& service : kServices) company_.service(service).world().wipe();
  company_.settle();
  expect_every_lead_is_assigned_once();
  expect_every_ledger_sums_to_zero();
  expect_nothing_parked();
  EXPECT_EQ(company_.list<marketing::v1::Lead>("marketing", "lead").size(), 30u);
}

}  // namespace
}  // namespace tandem::testing
