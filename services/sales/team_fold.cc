// How a team's events make its state, and what the state asks to be looked at.
#include <algorithm>
#include <string>

#include "services/sales/choice.h"
#include "services/sales/team.h"
#include "services/sales/team_pay.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"

namespace tandem::sales {
namespace {

// Each look takes one lead from the queue and asks for the next look. Several are due at once, so that a batch can take
// as many leads; with one a long queue would go down by one a batch, however many are free.
constexpr uint64_t kLooks = 8;

v1::MemberRotation* place_of(v1::Team& s, const std::string& member) {
  for (auto& rotation : *s.mutable_rotation()) {
    if (rotation.member() == member) return &rotation;
  }
  return nullptr;
}

// Whether somebody had it in hand.
bool release(v1::Team& s, const std::string& lead) {
  const uint64_t key = stable_hash(lead);
  for (auto& rotation : *s.mutable_rotation()) {
    auto& open = *rotation.mutable_open_leads();
    const auto found = std::find(open.begin(), open.end(), key);
    if (found == open.end()) continue;
    *found = open[open.size() - 1];
    open.RemoveLast();
    rotation.set_open(static_cast<uint32_t>(open.size()));
    return true;
  }
  return false;
}

void hand_over(v1::Team& s, const std::string& lead, const std::string& member) {
  auto* rotation = place_of(s, member);
  if (rotation == nullptr) return;  // can not be: whoever is chosen is in the definition
  rotation->add_open_leads(stable_hash(lead));
  rotation->set_open(static_cast<uint32_t>(rotation->open_leads_size()));
}

void take_from_queue(v1::Team& s, const std::string& lead) {
  auto& queue = *s.mutable_queue();
  const auto found = std::find_if(queue.begin(), queue.end(), [&](const auto& q) { return q.lead().lead() == lead; });
  if (found != queue.end()) queue.erase(found);
}

// What happened may help a lead in the queue.
void look_again(v1::Team& s, Instant at) {
  if (!anything_waits(s)) {
    s.clear_look_at();
    return;
  }
  s.set_look(s.look() + 1);
  // What is due already stays as it is, so that the looks of one moment, which share a batch, all still hold.
  if (!s.has_look_at() || to_instant(s.look_at()) > at) *s.mutable_look_at() = to_timestamp(at);
  *s.mutable_absences_from() = to_timestamp(at);
}

// Current weights as they were after the choice, and everybody's share of it.
void turn(v1::Team& s, const v1::MemberPicked& e) {
  int64_t all = 0;
  for (const auto& candidate : e.considered()) {
    if (candidate.eligible() || candidate.turn_kept()) all += candidate.weight();
  }
  // Candidates stand in the order of the members, as their places do.
  for (int i = 0; i < e.considered_size() && i < s.rotation_size(); ++i) {
    const auto& candidate = e.considered(i);
    auto& place = *s.mutable_rotation(i);
    place.set_current(candidate.current_after());
    if (!candidate.eligible() && !candidate.turn_kept()) continue;
    const int64_t share = (int64_t{candidate.weight()} * 2'000'000 + all) / (2 * all);
    place.set_ideal_millionths(place.ideal_millionths() + share);
  }
  if (auto* place = place_of(s, e.member())) place->set_given(place->given() + 1);
  s.set_lead_unit(e.lead_unit());
}

// Members keep their place in the rotation; those who are new begin at 0; those who are gone stay until they have
// nothing in hand any more.
void arrange(v1::Team& s) {
  google::protobuf::RepeatedPtrField<v1::MemberRotation> arranged;
  for (const auto& member : s.definition().members()) {
    auto* place = arranged.Add();
    if (auto* before = place_of(s, member.member())) {
      place->Swap(before);
    } else {
      place->set_member(member.member());
    }
  }
  for (auto& gone : *s.mutable_rotation()) {
    if (gone.open() == 0) continue;  // as are the places that were swapped out
    gone.set_current(0);
    arranged.Add()->Swap(&gone);
  }
  s.mutable_rotation()->Swap(&arranged);
}

}  // namespace

void Team::evolve(State& s, const v1::TeamDefined& e, const EventMeta& meta) {
  if (s.has_definition()) note_former(s, e.definition(), meta.occurred_at);
  s.set_team(e.team());
  *s.mutable_definition() = e.definition();
  s.set_version(e.version());
  *s.mutable_defined_at() = to_timestamp(meta.recorded_at);
  if (!s.has_created_at()) *s.mutable_created_at() = s.defined_at();
  arrange(s);
  for (auto& queued : *s.mutable_queue()) {
    queued.set_needs_person(queued.hop() > e.definition().max_hops() ||
                            nobody_ever(e.definition(), queued.lead(), queued.excluded(), meta.recorded_at));
  }
  look_again(s, meta.recorded_at);
}

void Team::evolve(State& s, const v1::MemberPicked& e, const EventMeta& meta) {
  const bool freed = release(s, e.lead().lead());
  if (e.was_queued()) take_from_queue(s, e.lead().lead());
  hand_over(s, e.lead().lead(), e.member());
  if (e.assigned_by().empty()) turn(s, e);
  if (freed || e.was_queued()) look_again(s, meta.recorded_at);
}

void Team::evolve(State& s, const v1::LeadQueued& e, const EventMeta& meta) {
  const bool freed = release(s, e.lead().lead());
  // A comer whose timer has not fired yet would be forgotten by counting absences anew from here.
  const bool missed = anything_waits(s) && somebody_came(s, to_instant(s.absences_from()), meta.recorded_at);
  auto& queued = *s.add_queue();
  *queued.mutable_lead() = e.lead();
  queued.set_hop(e.hop());
  *queued.mutable_excluded() = e.excluded();
  queued.set_reason(e.reason());
  queued.set_needs_person(e.needs_person());
  *queued.mutable_queued_at() = to_timestamp(meta.recorded_at);
  if (freed || missed) {
    look_again(s, meta.recorded_at);
  } else if (!e.needs_person()) {
    *s.mutable_absences_from() = to_timestamp(meta.recorded_at);
  }
}

void Team::evolve(State& s, const v1::CapacityFreed& e, const EventMeta& meta) {
  if (release(s, e.lead())) look_again(s, meta.recorded_at);
}

Indexes Team::indexes(const State& s) { return {s.team(), {}}; }

Timers Team::timers(const State& s) {
  if (!anything_waits(s)) return {};
  Timers timers;
  for (uint64_t i = 0; s.has_look_at() && i < kLooks; ++i) {
    timers.push_back(at(to_instant(s.look_at()), "look-" + std::to_string(s.look() + i), v1::TakeQueued{}));
  }
  const Instant from = to_instant(s.absences_from());
  for (const auto& member : s.definition().members()) {
    if (member.weight() == 0) continue;
    const auto back = there_from(member, from);
    if (back && *back > from) timers.push_back(at(*back, "back-" + member.member(), v1::TakeQueued{}));
  }
  return timers;
}

}  // namespace tandem::sales
