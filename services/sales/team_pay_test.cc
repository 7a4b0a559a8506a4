// Who is paid by what, by date: "pick ... hierarchy by the deal's incentive date, never by now".
#include "services/sales/team_pay.h"

#include "services/sales/opportunity.h"
#include "services/sales/pipeline.h"
#include "services/sales/sales_testing.h"
#include "services/sales/team.h"
#include "shared/aggregate/spec.h"
#include "shared/base/time_testing.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

class TeamPay : public ::testing::Test {
 protected:
  void defined(const v1::TeamDefinition& definition, const std::string& from) {
    v1::TeamDefined e;
    e.set_team("hunters");
    *e.mutable_definition() = definition;
    e.set_version(team_.version() + 1);
    EventMeta meta;
    meta.occurred_at = meta.recorded_at = at(from);
    Team::evolve(team_, e, meta);
  }
  static v1::TeamDefinition team_with(const std::string& plan_of_ana, const std::string& manager = "mia") {
    v1::TeamDefinition definition = team_of({member("ana"), member("ben")});
    definition.mutable_members(0)->set_plan(plan_of_ana);
    definition.set_manager(manager);
    return definition;
  }
  std::string plan(const std::string& member, const std::string& time) {
    return plan_at(team_, member, at(time)).value_or("none");
  }
  std::string manager(const std::string& time) { return manager_at(team_, at(time)).manager; }

  v1::Team team_;
};

TEST_F(TeamPay, IsThatOfTheDate) {
  defined(team_with("ae"), "2025-01-01T00:00:00Z");
  defined(team_with("senior", "noa"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(plan("ana", "2025-12-31T23:59:59Z"), "ae");
  EXPECT_EQ(plan("ana", "2026-01-01T00:00:00Z"), "senior");
  EXPECT_EQ(plan("ben", "2025-12-31T23:59:59Z"), "plan-ben");
  EXPECT_EQ(manager("2025-12-31T23:59:59Z"), "mia");
  EXPECT_EQ(manager("2026-01-01T00:00:00Z"), "noa");
  // Before there was a team, the first that is known.
  EXPECT_EQ(plan("ana", "2018-06-01T00:00:00Z"), "ae");
  EXPECT_EQ(plan("cem", "2025-06-01T00:00:00Z"), "none");
}

TEST_F(TeamPay, OfWhoLeftIsKnownForTheirTime) {
  defined(team_with("ae"), "2025-01-01T00:00:00Z");
  defined(team_of({member("ben")}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(plan("ana", "2025-12-31T23:59:59Z"), "ae");
  EXPECT_EQ(plan("ana", "2026-01-01T00:00:00Z"), "none");
}

TEST_F(TeamPay, NothingIsKeptOfWhatStays) {
  defined(team_with("ae"), "2025-01-01T00:00:00Z");
  v1::TeamDefinition other_hours = team_with("ae");
  other_hours.set_max_hops(7);
  defined(other_hours, "2026-01-01T00:00:00Z");
  EXPECT_EQ(team_.former_plans_size(), 0);
  EXPECT_EQ(team_.former_managers_size(), 0);
}

TEST_F(TeamPay, ADefinitionThatIsDatedBackCountsFromItsDate) {
  defined(team_with("ae"), "2025-01-01T00:00:00Z");
  defined(team_with("senior"), "2026-03-01T00:00:00Z");
  defined(team_with("lead"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(plan("ana", "2026-01-31T23:59:59Z"), "ae");
  EXPECT_EQ(plan("ana", "2026-02-15T00:00:00Z"), "lead");
  EXPECT_EQ(plan("ana", "2026-03-15T00:00:00Z"), "lead");
  EXPECT_EQ(team_.former_plans_size(), 1);
}

class DealOfItsDate : public Spec<Opportunity> {
 protected:
  DealOfItsDate() {
    id("deal-1");
    at_time("2026-01-05T10:00:00Z");
    cause("request-1");
    reference<Pipeline>("standard", standard_pipeline());
    v1::Team team = team_state(team_of({member("ana"), member("ben")}));
    v1::TeamDefinition next = team.definition();
    next.mutable_members(0)->set_plan("senior");
    next.set_manager("noa");
    note_former(team, next, at("2026-01-01T00:00:00Z"));
    *team.mutable_definition() = next;
    reference<Team>("hunters", team);
    v1::OpenDeal open;
    open.set_account("Pro Line");
    open.set_team("hunters");
    open.set_owner("ana");
    open.set_pipeline("standard");
    when(open);
  }
  v1::DealWon won_at(const std::string& time) {
    happened_at(time);
    v1::WinDeal c;
    c.set_opportunity("deal-1");
    *c.mutable_amount() = money(5'000'000);
    when(c);
    return then_event<v1::DealWon>();
  }
};

TEST_F(DealOfItsDate, ThatIsKnownLateIsPaidByItsOwnDay) {
  const auto e = won_at("2025-12-30T12:00:00Z");
  EXPECT_EQ(e.splits(0).plan(), "plan-ana");
  EXPECT_EQ(e.manager(), "mia");
  // And taken back from those whom it paid.
  EXPECT_EQ(state().manager(), "mia");
}

TEST_F(DealOfItsDate, OfTodayIsPaidByWhatHoldsToday) {
  const auto e = won_at("2026-01-02T12:00:00Z");
  EXPECT_EQ(e.splits(0).plan(), "senior");
  EXPECT_EQ(e.manager(), "noa");
}

}  // namespace
}  // namespace tandem::sales
