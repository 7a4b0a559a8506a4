// What sales does about events: on this event, these commands. The numbers are permanent: never reused, only added.
#include <string>

#include "services/sales/assignment.h"
#include "services/sales/opportunity.h"
#include "services/sales/service.h"
#include "services/sales/team.h"
#include "tandem/marketing/v1/events.pb.h"

namespace tandem::sales {
namespace {

using marketing::v1::LeadQualified;

// The team of leads whose campaign names none. Until there is one of that name they are parked.
constexpr const char* kDefaultTeam = "default";

v1::PickMember first_choice(const LeadQualified& e) {
  v1::PickMember c;
  auto& lead = *c.mutable_lead();
  lead.set_lead(e.lead());
  lead.set_customer(e.customer());
  lead.set_territory(e.facts().territory());
  *lead.mutable_skills() = e.facts().skills();
  lead.set_product(e.facts().product());
  if (e.facts().has_value()) *lead.mutable_value() = e.facts().value();
  lead.set_touch(e.first_touch().touch());
  lead.set_campaign(e.first_touch().campaign());
  if (e.has_captured_at()) *lead.mutable_captured_at() = e.captured_at();
  c.set_hop(1);
  return c;
}

// After a decline or an expiry: somebody who has not had it.
template <class Ended>
CausedCommand next_choice(const Ended& e) {
  v1::PickMember c;
  *c.mutable_lead() = e.lead();
  c.set_hop(e.hop() + 1);
  *c.mutable_excluded() = e.excluded();
  return to<Team>(e.team(), std::move(c));
}

CausedCommand assign(const v1::MemberPicked& e) {
  v1::Assign c;
  *c.mutable_choice() = e;
  return to<Assignment>(Assignment::id_of(e.lead().lead()), std::move(c));
}

CausedCommand open(const v1::LeadAccepted& e) {
  v1::OpenOpportunity c;
  *c.mutable_lead() = e.lead();
  c.set_team(e.team());
  c.set_owner(e.member());
  c.set_plan(e.plan());
  c.set_manager(e.manager());
  c.set_manager_plan(e.manager_plan());
  c.set_pipeline(e.pipeline());
  return to<Opportunity>(e.opportunity(), std::move(c));
}

// Only the opportunity that came of the lead's assignment was in somebody's capacity: no deal without a lead, and no
// other deal of the same lead, opened by hand or imported.
template <class Closed>
Commands free_capacity(const Closed& e) {
  if (e.lead().empty() || e.opportunity() != Assignment::opportunity_of(Assignment::id_of(e.lead()))) return {};
  v1::FreeCapacity c;
  c.set_lead(e.lead());
  return to<Team>(e.team(), std::move(c));
}

}  // namespace

Reactions reactions() {
  Reactions r;
  r.on<LeadQualified>(1, [](const LeadQualified& e) -> Commands {
    return to<Team>(e.team().empty() ? kDefaultTeam : e.team(), first_choice(e));
  });
  r.on<v1::MemberPicked>(2, [](const v1::MemberPicked& e) -> Commands { return assign(e); });
  r.on<v1::LeadDeclined>(3, [](const v1::LeadDeclined& e) -> Commands { return next_choice(e); });
  r.on<v1::AssignmentExpired>(4, [](const v1::AssignmentExpired& e) -> Commands { return next_choice(e); });
  r.on<v1::LeadAccepted>(5, [](const v1::LeadAccepted& e) -> Commands { return open(e); });
  r.on<v1::DealWon>(6, [](const v1::DealWon& e) { return free_capacity(e); });
  r.on<v1::DealLost>(7, [](const v1::DealLost& e) { return free_capacity(e); });
  return r;
}

}  // namespace tandem::sales
