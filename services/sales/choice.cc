#include "services/sales/choice.h"

#include <algorithm>
#include <vector>

#include "services/sales/round_robin.h"

namespace tandem::sales {
namespace {

// The first hard rule that excludes a member, and whether it is only that they are absent.
v1::Candidate judge(const v1::Team& team, int index, const v1::LeadNeeds& lead, const Ids& excluded, Instant now) {
  const v1::MemberDefinition& member = team.definition().members(index);
  const v1::MemberRotation& place = team.rotation(index);
  v1::Candidate candidate;
  candidate.set_member(member.member());
  candidate.set_weight(member.weight());
  candidate.set_open(place.open());
  candidate.set_current_before(place.current());
  candidate.set_current_after(place.current());
  const Presence present = presence(member, now);
  std::string other = capacity_verdict(member, candidate.open());
  if (other.empty()) other = misfit(member, lead, excluded);
  candidate.set_verdict(present.there ? other : present.verdict);
  candidate.set_eligible(present.there && other.empty());
  candidate.set_turn_kept(team.definition().absence() == v1::ABSENCE_POLICY_CATCH_UP && !present.there &&
                          other.empty() && there_from(member, now).has_value());
  return candidate;
}

Part part_of(const v1::Candidate& candidate) {
  if (candidate.eligible()) return Part::kIn;
  return candidate.turn_kept() ? Part::kKept : Part::kOut;
}

}  // namespace

const v1::MemberRotation* find_rotation(const v1::Team& team, const std::string& member) {
  for (const auto& rotation : team.rotation()) {
    if (rotation.member() == member) return &rotation;
  }
  return nullptr;
}

Choice consider(const v1::Team& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now) {
  Choice choice;
  choice.lead_unit = team.lead_unit();
  for (int i = 0; i < team.definition().members_size(); ++i) {
    *choice.considered.Add() = judge(team, i, lead, excluded, now);
  }
  return choice;
}

Choice choose(const v1::Team& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now) {
  Choice choice = consider(team, lead, excluded, now);
  std::vector<Turn> turns;
  for (const auto& candidate : choice.considered) {
    turns.push_back({candidate.weight(), candidate.current_before(), part_of(candidate), 0});
  }
  const auto chosen = next_turn(turns, choice.lead_unit);
  if (!chosen) return choice;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    choice.considered[static_cast<int>(i)].set_current_before(turns[i].before);
    choice.considered[static_cast<int>(i)].set_current_after(turns[i].current);
  }
  choice.member = &team.definition().members(static_cast<int>(*chosen));
  return choice;
}

const v1::QueuedLead* first_to_take(const v1::Team& team, Instant now) {
  // Whoever is there and has room, once for all leads: queues are long when hardly anybody is.
  std::vector<const v1::MemberDefinition*> free;
  for (int i = 0; i < team.definition().members_size(); ++i) {
    const auto& member = team.definition().members(i);
    if (!capacity_verdict(member, team.rotation(i).open()).empty()) continue;
    if (member.weight() > 0 && presence(member, now).there) free.push_back(&member);
  }
  if (free.empty()) return nullptr;
  for (const auto& queued : team.queue()) {
    if (queued.needs_person()) continue;
    for (const auto* member : free) {
      if (misfit(*member, queued.lead(), queued.excluded()).empty()) return &queued;
    }
  }
  return nullptr;
}

bool waits_for(const v1::Team& team, const v1::MemberDefinition& member) {
  return std::any_of(team.queue().begin(), team.queue().end(), [&](const v1::QueuedLead& queued) {
    return !queued.needs_person() && misfit(member, queued.lead(), queued.excluded()).empty();
  });
}

bool anything_waits(const v1::Team& team) {
  return std::any_of(team.queue().begin(), team.queue().end(),
                     [](const auto& queued) { return !queued.needs_person(); });
}

bool somebody_came(const v1::Team& team, Instant after, Instant until) {
  return std::any_of(team.definition().members().begin(), team.definition().members().end(),
                     [&](const v1::MemberDefinition& member) {
                       const auto back = there_from(member, after);
                       return back && *back > after && *back <= until;
                     });
}

}  // namespace tandem::sales
