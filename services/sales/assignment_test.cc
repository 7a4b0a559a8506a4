#include "services/sales/assignment.h"

#include "services/sales/sales_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

class AssignmentSpec : public Spec<Assignment> {
 protected:
  AssignmentSpec() {
    id(Assignment::id_of("lead-1"));
    at_time("2026-10-07T10:00:00Z");
  }

  static v1::Assign chosen(const std::string& who, uint32_t hop = 1) {
    v1::Assign c;
    auto& choice = *c.mutable_choice();
    choice.set_team("hunters");
    *choice.mutable_lead() = lead("lead-1", "DE");
    *choice.mutable_lead()->mutable_captured_at() = timestamp("2026-10-07T09:59:59Z");
    choice.set_member(who);
    auto& candidate = *choice.add_considered();
    candidate.set_member(who);
    candidate.set_eligible(true);
    candidate.set_weight(3);
    candidate.set_current_after(-5);
    choice.set_hop(hop);
    choice.set_max_hops(3);
    *choice.mutable_deadline() = timestamp("2026-10-07T11:00:00Z");
    choice.set_team_version(4);
    choice.set_plan("plan-" + who);
    choice.set_manager("mia");
    choice.set_manager_plan("plan-managers");
    choice.set_pipeline("standard");
    choice.set_lead_unit(7);
    return c;
  }
  static v1::AcceptLead accept_by(const std::string& who) {
    v1::AcceptLead c;
    c.set_assignment(Assignment::id_of("lead-1"));
    c.set_member(who);
    return c;
  }
  static v1::DeclineLead decline_by(const std::string& who) {
    v1::DeclineLead c;
    c.set_assignment(Assignment::id_of("lead-1"));
    c.set_member(who);
    c.set_reason("no time");
    return c;
  }
  static std::vector<std::string> list(const google::protobuf::RepeatedPtrField<std::string>& field) {
    return {field.begin(), field.end()};
  }
};

TEST_F(AssignmentSpec, TheFirstChoiceIsExplained) {
  when(chosen("ana"));
  const auto e = then_event<v1::LeadAssigned>();
  EXPECT_EQ(e.assignment(), Assignment::id_of("lead-1"));
  EXPECT_EQ(e.member(), "ana");
  EXPECT_EQ(e.plan(), "plan-ana");
  EXPECT_EQ(state().lead(), "lead-1");
  EXPECT_EQ(state().needs().territory(), "DE");
  EXPECT_EQ(state().considered(0).current_after(), -5);
  EXPECT_EQ(state().lead_unit(), 7);
  EXPECT_EQ(state().team_version(), 4U);
  EXPECT_EQ(state().hop(), 1U);
  EXPECT_EQ(state().max_hops(), 3U);
  EXPECT_EQ(format_instant(to_instant(state().captured_at())), "2026-10-07T09:59:59Z");
  EXPECT_EQ(format_instant(to_instant(state().first_assigned_at())), "2026-10-07T10:00:00Z");
  const Timers timers = Assignment::timers(state());
  ASSERT_EQ(timers.size(), 1U);
  EXPECT_EQ(timers[0].due, moment("2026-10-07T11:00:00Z"));
  using By = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(Assignment::indexes(state()).by,
            (By{{"status", "ASSIGNED"}, {"member", "ana"}, {"lead", "lead-1"}, {"team", "hunters"}}));
}

TEST_F(AssignmentSpec, AcceptedByTheOwnerOnce) {
  when(chosen("ana"));
  when(accept_by("ana"));
  const auto e = then_event<v1::LeadAccepted>();
  EXPECT_EQ(e.opportunity().substr(0, 12), "opportunity-");
  EXPECT_EQ(e.lead().lead(), "lead-1");
  EXPECT_EQ(e.pipeline(), "standard");
  EXPECT_EQ(e.manager_plan(), "plan-managers");
  EXPECT_TRUE(Assignment::timers(state()).empty());
  when(accept_by("ana"));
  then_nothing();
  when(decline_by("ana"));
  then_rejected(Code::kFailedPrecondition, "assignment");
  when(v1::Expire{});
  then_nothing();
  when(chosen("ben", 2));
  then_rejected(Code::kFailedPrecondition, "lead");
}

TEST_F(AssignmentSpec, OnlyTheOwnerMayAct) {
  when(chosen("ana"));
  when(accept_by("ben"));
  then_rejected(Code::kPermissionDenied, "member");
  when(decline_by("ben"));
  then_rejected(Code::kPermissionDenied, "member");
  caller("ben", "salesperson");
  when(accept_by("ana"));
  then_rejected(Code::kPermissionDenied, "member");
  caller("mia", "sales_manager");
  when(accept_by("ana"));
  then_event<v1::LeadAccepted>();
}

TEST_F(AssignmentSpec, UnknownIsNotFound) {
  when(accept_by("ana"));
  then_rejected(Code::kNotFound, "assignment");
  when(decline_by("ana"));
  then_rejected(Code::kNotFound, "assignment");
  when(v1::Expire{});
  then_nothing();
}

TEST_F(AssignmentSpec, DeclinedAndGivenToTheNext) {
  when(chosen("ana"));
  when(decline_by("ana"));
  auto declined = then_event<v1::LeadDeclined>();
  EXPECT_EQ(declined.reason(), "no time");
  EXPECT_EQ(list(declined.excluded()), (std::vector<std::string>{"ana"}));
  when(decline_by("ana"));
  then_nothing();
  when(accept_by("ana"));
  then_rejected(Code::kFailedPrecondition, "assignment");
  when(chosen("ana", 1));
  then_nothing();
  at_time("2026-10-07T10:05:00Z");
  when(chosen("ben", 2));
  const auto e = then_event<v1::LeadReassigned>();
  EXPECT_EQ(e.previous(), "ana");
  EXPECT_EQ(e.to().member(), "ben");
  EXPECT_EQ(format_instant(to_instant(state().first_assigned_at())), "2026-10-07T10:00:00Z");
  EXPECT_EQ(format_instant(to_instant(state().assigned_at())), "2026-10-07T10:05:00Z");
  when(accept_by("ana"));
  then_rejected(Code::kPermissionDenied, "member");
  when(decline_by("ben"));
  declined = then_event<v1::LeadDeclined>();
  EXPECT_EQ(list(declined.excluded()), (std::vector<std::string>{"ana", "ben"}));
  EXPECT_EQ(declined.hop(), 2U);
  ASSERT_EQ(state().earlier_size(), 2);
  EXPECT_EQ(state().earlier(0).outcome(), v1::ASSIGNMENT_STATUS_DECLINED);
  EXPECT_EQ(state().earlier(0).reason(), "no time");
}

TEST_F(AssignmentSpec, ExpiresAtTheDeadlineAndNotBefore) {
  when(chosen("ana"));
  at_time("2026-10-07T10:59:59Z");
  when(v1::Expire{});
  then_nothing();
  at_time("2026-10-07T11:00:00Z");
  when(accept_by("ana"));
  then_rejected(Code::kFailedPrecondition, "assignment");
  when(v1::Expire{});
  const auto e = then_event<v1::AssignmentExpired>();
  EXPECT_EQ(list(e.excluded()), (std::vector<std::string>{"ana"}));
  EXPECT_EQ(e.hop(), 1U);
  when(v1::Expire{});
  then_nothing();
  when(accept_by("ana"));
  then_rejected(Code::kFailedPrecondition, "assignment");
  when(decline_by("ana"));
  then_rejected(Code::kFailedPrecondition, "assignment");
  EXPECT_EQ(state().earlier(0).outcome(), v1::ASSIGNMENT_STATUS_EXPIRED);
}

TEST_F(AssignmentSpec, ByHandItCanGoToSomebodyAgain) {
  when(chosen("ana"));
  when(decline_by("ana"));
  auto again = chosen("ana", 2);
  again.mutable_choice()->set_assigned_by("mia");
  again.mutable_choice()->set_was_queued(true);
  when(again);
  EXPECT_EQ(state().assigned_by(), "mia");
  EXPECT_TRUE(state().was_queued());
  when(decline_by("ana"));
  EXPECT_EQ(list(then_event<v1::LeadDeclined>().excluded()), (std::vector<std::string>{"ana"}));
}

}  // namespace
}  // namespace tandem::sales
