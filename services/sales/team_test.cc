#include "services/sales/team.h"

#include "services/sales/pipeline.h"
#include "services/sales/sales_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

class TeamSpec : public Spec<Team> {
 protected:
  TeamSpec() {
    id("hunters");
    at_time("2026-10-07T10:00:00Z");
    reference<Pipeline>("standard", standard_pipeline());
  }

  static v1::DefineTeam define(const v1::TeamDefinition& definition) {
    v1::DefineTeam c;
    c.set_team("hunters");
    *c.mutable_definition() = definition;
    return c;
  }
  static v1::AssignQueuedLead by_hand(const std::string& lead, const std::string& to) {
    v1::AssignQueuedLead c;
    c.set_team("hunters");
    c.set_lead(lead);
    c.set_member(to);
    return c;
  }
  // Picks and says who it was.
  std::string picked(const v1::PickMember& c) {
    when(c);
    return then_event<v1::MemberPicked>().member();
  }
  uint32_t open(const std::string& member) { return find_rotation(state(), member)->open(); }
};

TEST_F(TeamSpec, DefinitionsCountUpAndTheSameIsNothing) {
  when(define(team_of({member("ana")})));
  then(defined(team_of({member("ana")})));
  when(define(team_of({member("ana")})));
  then_nothing();
  when(define(team_of({member("ana"), member("ben")})));
  EXPECT_EQ(then_event<v1::TeamDefined>().version(), 2U);
  EXPECT_EQ(state().rotation_size(), 2);
}

TEST_F(TeamSpec, EverythingWrongWithADefinitionIsSaidAtOnce) {
  auto bad = team_of(
      {office(member("ana")), member("ana"), on_leave(member("b n"), "2026-10-07T00:00:00Z", "2026-10-06T00:00:00Z")});
  bad.mutable_members(0)->mutable_working_hours()->set_time_zone("Europe/Atlantis");
  bad.mutable_members(0)->mutable_working_hours()->mutable_intervals(1)->set_weekday(1);
  bad.set_max_hops(0);
  bad.set_pipeline("unheard-of");
  when(define(bad));
  then_rejected(Code::kInvalidArgument, "definition.max_hops");
  std::vector<std::string> fields;
  const Decision decision = Team::decide(state(), define(bad), context());
  for (const auto& violation : decision.rejection().violations) {
    fields.push_back(violation.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"definition.max_hops", "definition.members[0].working_hours.time_zone",
                                              "definition.members[0].working_hours.intervals[1]",
                                              "definition.members[1].member", "definition.members[2].member",
                                              "definition.members[2].leave[0]", "definition.pipeline"}));
}

TEST_F(TeamSpec, ThePipelineMustBeDefined) {
  auto definition = team_of({member("ana")});
  definition.set_pipeline("other");
  when(define(definition));
  then_rejected(Code::kNotFound, "definition.pipeline");
}

TEST_F(TeamSpec, LeaveIsReplacedForOneMember) {
  given(defined(team_of({member("ana"), member("ben")})));
  v1::SetLeave c;
  c.set_team("hunters");
  c.set_member("ben");
  *c.add_leave()->mutable_from() = timestamp("2026-10-07T00:00:00Z");
  caller("ana", "salesperson");
  when(c);
  then_rejected(Code::kPermissionDenied, "member");
  caller("ben", "salesperson");
  when(c);
  then(defined(team_of({member("ana"), on_leave(member("ben"), "2026-10-07T00:00:00Z", "")}), 2));
  when(c);
  then_nothing();
  caller("mia", "sales_manager");
  c.set_member("bne");
  when(c);
  then_rejected(Code::kNotFound, "member");
}

TEST_F(TeamSpec, PicksInTurnAndExplains) {
  auto team = team_of({member("ana", 2), member("ben", 1), member("cem", 0)});
  given(defined(team, 4));
  when(pick(lead("lead-1", "DE")));
  const auto e = then_event<v1::MemberPicked>();
  EXPECT_EQ(e.member(), "ana");
  EXPECT_EQ(e.team(), "hunters");
  EXPECT_EQ(e.hop(), 1U);
  EXPECT_EQ(e.max_hops(), 3U);
  EXPECT_EQ(e.team_version(), 4U);
  EXPECT_EQ(e.plan(), "plan-ana");
  EXPECT_EQ(e.manager(), "mia");
  EXPECT_EQ(e.manager_plan(), "plan-managers");
  EXPECT_EQ(e.pipeline(), "standard");
  EXPECT_EQ(format_instant(to_instant(e.deadline())), "2026-10-07T11:00:00Z");
  EXPECT_FALSE(e.was_queued());
  ASSERT_EQ(e.considered_size(), 3);
  const int64_t weight = e.lead_unit() / 3;
  EXPECT_EQ(e.considered(0).current_after(), -weight);
  EXPECT_EQ(e.considered(1).current_after(), weight);
  EXPECT_EQ(e.considered(2).verdict(), "weight 0");
  EXPECT_EQ(picked(pick(lead("lead-2"))), "ben");
  EXPECT_EQ(picked(pick(lead("lead-3"))), "ana");
  EXPECT_EQ(open("ana"), 2U);
  EXPECT_EQ(find_rotation(state(), "ana")->given(), 2U);
  EXPECT_EQ(find_rotation(state(), "ana")->ideal_millionths(), 2'000'001) << "three times two thirds, rounded each";
  EXPECT_TRUE(Team::timers(state()).empty()) << "no queue, no looks";
}

TEST_F(TeamSpec, EveryHardRuleHasItsVerdict) {
  auto gone = member("gone");
  *gone.mutable_left_at() = timestamp("2026-01-01T00:00:00Z");
  given(defined(team_of({gone, on_leave(member("away"), "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
                         office(member("late"), 13, 18), member("full", 9, 1), covering(member("french"), "FR"),
                         member("mute", 9), speaking(member("had"), "english"), speaking(member("nil", 0), "english"),
                         speaking(member("ana", 1, 0), "english")})));
  when(pick(lead("first", "", "")));
  ASSERT_EQ(then_event<v1::MemberPicked>().member(), "full");
  when(pick(lead("lead-1", "DE", "english"), 2, {"had"}));
  const auto e = then_event<v1::MemberPicked>();
  EXPECT_EQ(e.member(), "ana");
  EXPECT_EQ(verdicts(e), (std::map<std::string, std::string>{{"gone", "left"},
                                                             {"away", "on leave"},
                                                             {"late", "outside working hours"},
                                                             {"full", "at capacity 1 of 1"},
                                                             {"french", "territory DE not covered"},
                                                             {"mute", "skill english missing"},
                                                             {"had", "had it before"},
                                                             {"nil", "weight 0"},
                                                             {"ana", "eligible"}}));
}

TEST_F(TeamSpec, TheSameLeadIsPickedOnce) {
  given(defined(team_of({member("ana"), member("ben")})));
  when(pick(lead("lead-1")));
  when(pick(lead("lead-1")));
  then_nothing();
}

TEST_F(TeamSpec, AnUnknownTeamRejects) {
  when(pick(lead("lead-1")));
  then_rejected(Code::kNotFound, "team");
  when(v1::TakeQueued{});
  then_nothing();
  when(free_capacity("lead-1"));
  then_nothing();
  when(by_hand("lead-1", "ana"));
  then_rejected(Code::kNotFound, "team");
}

TEST_F(TeamSpec, ADeclinedLeadGoesToSomebodyElseAndFreesTheSlot) {
  given(defined(team_of({member("ana", 1, 1), member("ben", 1, 1)})));
  EXPECT_EQ(picked(pick(lead("lead-1"))), "ana");
  EXPECT_EQ(picked(pick(lead("lead-1"), 2, {"ana"})), "ben");
  EXPECT_EQ(open("ana"), 0U);
  EXPECT_EQ(open("ben"), 1U);
  when(pick(lead("lead-1"), 2, {"ana"}));
  then_nothing();
  when(pick(lead("lead-1"), 3, {"ana", "ben"}));
  const auto queued = then_event<v1::LeadQueued>();
  EXPECT_TRUE(queued.needs_person()) << "everybody had it";
  EXPECT_EQ(open("ben"), 0U);
}

TEST_F(TeamSpec, AfterMaxHopsItNeedsAPerson) {
  given(defined(team_of({member("ana"), member("ben"), member("cem"), member("dia")})));
  when(pick(lead("lead-1"), 4, {"ana", "ben", "cem"}));
  const auto queued = then_event<v1::LeadQueued>();
  EXPECT_TRUE(queued.needs_person());
  EXPECT_EQ(queued.reason(), "had 3 assignments, of at most 3");
  when(v1::TakeQueued{});
  then_nothing();
  EXPECT_TRUE(Team::timers(state()).empty());
  given(defined(team_of({member("ana"), member("eve")}), 2));
  when(v1::TakeQueued{});
  then_nothing();
}

TEST_F(TeamSpec, FreedOnceWhateverIsSaidTwice) {
  given(defined(team_of({member("ana")})));
  when(pick(lead("lead-1")));
  when(free_capacity("lead-1"));
  v1::CapacityFreed freed;
  freed.set_team("hunters");
  freed.set_member("ana");
  freed.set_lead("lead-1");
  then(freed);
  EXPECT_EQ(open("ana"), 0U);
  when(free_capacity("lead-1"));
  then_nothing();
}

TEST_F(TeamSpec, AQueuedLeadIsGivenByHandWhateverTheRules) {
  given(defined(team_of({covering(member("ana", 1, 1), "FR"), member("ben", 0)})));
  when(pick(lead("lead-1", "DE")));
  EXPECT_TRUE(then_event<v1::LeadQueued>().needs_person());
  when(by_hand("lead-2", "ana"));
  then_rejected(Code::kFailedPrecondition, "lead");
  when(by_hand("lead-1", "anna"));
  then_rejected(Code::kNotFound, "member");
  caller("mia", "sales_manager");
  const int64_t before = find_rotation(state(), "ana")->current();
  when(by_hand("lead-1", "ana"));
  const auto e = then_event<v1::MemberPicked>();
  EXPECT_EQ(e.assigned_by(), "mia");
  EXPECT_TRUE(e.was_queued());
  EXPECT_EQ(verdicts(e).at("ana"), "territory DE not covered");
  EXPECT_EQ(find_rotation(state(), "ana")->current(), before) << "the rotation stays as it was";
  EXPECT_EQ(find_rotation(state(), "ana")->given(), 0U);
  EXPECT_EQ(open("ana"), 1U);
  EXPECT_TRUE(state().queue().empty());
  when(by_hand("lead-1", "ana"));
  then_nothing();
  when(by_hand("lead-1", "ben"));
  then_rejected(Code::kFailedPrecondition, "lead");
}

TEST_F(TeamSpec, WhoHasLeftGetsNothingByHandEither) {
  auto gone = member("gone");
  *gone.mutable_left_at() = timestamp("2026-01-01T00:00:00Z");
  given(defined(team_of({gone})));
  when(pick(lead("lead-1")));
  EXPECT_TRUE(then_event<v1::LeadQueued>().needs_person());
  when(by_hand("lead-1", "gone"));
  then_rejected(Code::kFailedPrecondition, "member");
}

TEST_F(TeamSpec, ANewDefinitionKeepsThePlacesOfThoseWhoStay) {
  given(defined(team_of({member("ana", 2), member("ben", 1)})));
  when(pick(lead("lead-1")));
  const int64_t ben = find_rotation(state(), "ben")->current();
  given(defined(team_of({member("cem"), member("ben", 1)}), 2));
  ASSERT_EQ(state().rotation_size(), 3);
  EXPECT_EQ(state().rotation(1).current(), ben);
  EXPECT_EQ(state().rotation(2).member(), "ana") << "has a lead in hand";
  when(free_capacity("lead-1"));
  EXPECT_EQ(then_event<v1::CapacityFreed>().member(), "ana");
  given(defined(team_of({member("ben", 1)}), 3));
  EXPECT_EQ(state().rotation_size(), 1);
}

}  // namespace
}  // namespace tandem::sales
