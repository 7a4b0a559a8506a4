#include "services/sales/assignment.h"

#include <optional>

#include "services/sales/team_definition.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"

namespace tandem::sales {
namespace {

bool exists(const v1::Assignment& s) { return !s.assignment().empty(); }

Error unknown_assignment() {
  return reject(Code::kNotFound, "assignment", "is not known", "take the id from ListAssignments");
}

v1::LeadAssigned assigned(const v1::MemberPicked& choice, const std::string& assignment) {
  v1::LeadAssigned e;
  e.set_assignment(assignment);
  *e.mutable_lead() = choice.lead();
  e.set_team(choice.team());
  e.set_member(choice.member());
  *e.mutable_deadline() = choice.deadline();
  e.set_hop(choice.hop());
  *e.mutable_considered() = choice.considered();
  e.set_plan(choice.plan());
  e.set_manager(choice.manager());
  e.set_manager_plan(choice.manager_plan());
  e.set_pipeline(choice.pipeline());
  e.set_max_hops(choice.max_hops());
  e.set_was_queued(choice.was_queued());
  e.set_assigned_by(choice.assigned_by());
  e.set_lead_unit(choice.lead_unit());
  e.set_team_version(choice.team_version());
  return e;
}

// Only the owner acts on it, and a salesperson only for themselves.
std::optional<Error> not_theirs(const v1::Assignment& s, const std::string& member, const Context& ctx) {
  if (member != s.member()) {
    return reject(Code::kPermissionDenied, "member", "is not the owner", "ask " + s.member());
  }
  if (acts_for_another(ctx.caller(), member)) {
    return reject(Code::kPermissionDenied, "member", "is not the caller", "act for yourself");
  }
  return std::nullopt;
}

Error over(const std::string& how) {
  return reject(Code::kFailedPrecondition, "assignment", how, "wait for another lead: this one goes to somebody else");
}

// With everyone who has had it, the owner last. (By hand it can go to somebody for the second time.)
template <class Event>
Event ended(const v1::Assignment& s) {
  Event e;
  e.set_assignment(s.assignment());
  *e.mutable_lead() = s.needs();
  e.set_team(s.team());
  e.set_member(s.member());
  e.set_hop(s.hop());
  for (const auto& earlier : s.earlier()) {
    if (earlier.member() != s.member()) e.add_excluded(earlier.member());
  }
  e.add_excluded(s.member());
  return e;
}

void end_turn(v1::Assignment& s, v1::AssignmentStatus outcome, const std::string& reason, const EventMeta& meta) {
  s.set_status(outcome);
  auto& earlier = *s.add_earlier();
  earlier.set_member(s.member());
  *earlier.mutable_assigned_at() = s.assigned_at();
  *earlier.mutable_ended_at() = to_timestamp(meta.recorded_at);
  earlier.set_outcome(outcome);
  earlier.set_reason(reason);
}

}  // namespace

std::string Assignment::id_of(std::string_view lead) { return derive_id(kType, {lead}); }

std::string Assignment::opportunity_of(std::string_view assignment) { return derive_id("opportunity", {assignment}); }

Decision Assignment::decide(const State& s, const v1::Assign& c, const Context& ctx) {
  const v1::MemberPicked& choice = c.choice();
  if (!exists(s)) return assigned(choice, ctx.id());
  if (choice.hop() <= s.hop()) return nothing();  // late or twice
  if (s.status() == v1::ASSIGNMENT_STATUS_ACCEPTED) {
    return reject(Code::kFailedPrecondition, "lead", "was accepted by " + s.member() + " already",
                  "discard this choice; " + choice.member() + " does not get the lead");
  }
  v1::LeadReassigned e;
  e.set_assignment(s.assignment());
  *e.mutable_to() = assigned(choice, s.assignment());
  e.set_previous(s.member());
  return e;
}

Decision Assignment::decide(const State& s, const v1::AcceptLead& c, const Context& ctx) {
  if (!exists(s)) return unknown_assignment();
  if (auto error = not_theirs(s, c.member(), ctx)) return *std::move(error);
  if (s.status() == v1::ASSIGNMENT_STATUS_ACCEPTED) return nothing();
  if (s.status() == v1::ASSIGNMENT_STATUS_DECLINED) return over("was declined");
  // The timer may be a moment late; the deadline is not.
  const Instant deadline = to_instant(s.deadline());
  if (s.status() == v1::ASSIGNMENT_STATUS_EXPIRED || ctx.now() >= deadline) {
    return over("expired at " + format_instant(deadline));
  }
  v1::LeadAccepted e;
  e.set_assignment(s.assignment());
  *e.mutable_lead() = s.needs();
  e.set_team(s.team());
  e.set_member(s.member());
  e.set_opportunity(opportunity_of(s.assignment()));
  e.set_plan(s.plan());
  e.set_manager(s.manager());
  e.set_manager_plan(s.manager_plan());
  e.set_pipeline(s.pipeline());
  return e;
}

Decision Assignment::decide(const State& s, const v1::DeclineLead& c, const Context& ctx) {
  if (!exists(s)) return unknown_assignment();
  if (auto error = not_theirs(s, c.member(), ctx)) return *std::move(error);
  if (s.status() == v1::ASSIGNMENT_STATUS_DECLINED) return nothing();
  if (s.status() == v1::ASSIGNMENT_STATUS_EXPIRED)
    return over("expired at " + format_instant(to_instant(s.deadline())));
  if (s.status() == v1::ASSIGNMENT_STATUS_ACCEPTED) {
    return reject(Code::kFailedPrecondition, "assignment", "was accepted",
                  "lose the deal " + s.opportunity() + " instead");
  }
  auto e = ended<v1::LeadDeclined>(s);
  e.set_reason(c.reason());
  return e;
}

Decision Assignment::decide(const State& s, const v1::Expire&, const Context& ctx) {
  if (s.status() != v1::ASSIGNMENT_STATUS_ASSIGNED || ctx.now() < to_instant(s.deadline())) return nothing();
  auto e = ended<v1::AssignmentExpired>(s);
  *e.mutable_deadline() = s.deadline();
  return e;
}

void Assignment::evolve(State& s, const v1::LeadAssigned& e, const EventMeta& meta) {
  s.set_assignment(e.assignment());
  s.set_lead(e.lead().lead());
  *s.mutable_needs() = e.lead();
  s.set_team(e.team());
  s.set_member(e.member());
  s.set_status(v1::ASSIGNMENT_STATUS_ASSIGNED);
  *s.mutable_deadline() = e.deadline();
  s.set_hop(e.hop());
  s.set_max_hops(e.max_hops());
  *s.mutable_considered() = e.considered();
  s.set_lead_unit(e.lead_unit());
  s.set_team_version(e.team_version());
  s.set_was_queued(e.was_queued());
  s.set_assigned_by(e.assigned_by());
  if (e.lead().has_captured_at()) *s.mutable_captured_at() = e.lead().captured_at();
  *s.mutable_assigned_at() = to_timestamp(meta.recorded_at);
  if (!s.has_first_assigned_at()) *s.mutable_first_assigned_at() = s.assigned_at();
  s.set_plan(e.plan());
  s.set_manager(e.manager());
  s.set_manager_plan(e.manager_plan());
  s.set_pipeline(e.pipeline());
}

void Assignment::evolve(State& s, const v1::LeadReassigned& e, const EventMeta& meta) { evolve(s, e.to(), meta); }

void Assignment::evolve(State& s, const v1::LeadAccepted& e, const EventMeta& meta) {
  s.set_status(v1::ASSIGNMENT_STATUS_ACCEPTED);
  s.set_opportunity(e.opportunity());
  *s.mutable_accepted_at() = to_timestamp(meta.recorded_at);
}

void Assignment::evolve(State& s, const v1::LeadDeclined& e, const EventMeta& meta) {
  end_turn(s, v1::ASSIGNMENT_STATUS_DECLINED, e.reason(), meta);
}

void Assignment::evolve(State& s, const v1::AssignmentExpired&, const EventMeta& meta) {
  end_turn(s, v1::ASSIGNMENT_STATUS_EXPIRED, "", meta);
}

Indexes Assignment::indexes(const State& s) {
  return {order_key(to_instant(s.first_assigned_at())),
          {{"status", enum_label(s.status())}, {"member", s.member()}, {"lead", s.lead()}, {"team", s.team()}}};
}

Timers Assignment::timers(const State& s) {
  if (s.status() != v1::ASSIGNMENT_STATUS_ASSIGNED) return {};
  return {at(to_instant(s.deadline()), "expire", v1::Expire{})};
}

}  // namespace tandem::sales
