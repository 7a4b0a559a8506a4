// Sentences for the specs of sales: teams, leads and choices in a line.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/sales/choice.h"
#include "services/sales/team.h"
#include "shared/aggregate/convert.h"
#include "shared/base/time.h"

namespace tandem::sales::testing {

inline Instant moment(const std::string& rfc3339) { return parse_instant(rfc3339).value(); }
inline google::protobuf::Timestamp timestamp(const std::string& rfc3339) { return to_timestamp(moment(rfc3339)); }

inline type::v1::Money money(int64_t minor, const std::string& currency = "EUR") {
  return to_proto(Money{minor, currency});
}

inline v1::MemberDefinition member(const std::string& id, uint32_t weight = 1, uint32_t capacity = 0) {
  v1::MemberDefinition m;
  m.set_member(id);
  m.set_name("Member " + id);
  m.set_weight(weight);
  m.set_capacity(capacity);
  m.set_plan("plan-" + id);
  return m;
}

// Monday to Friday, hours [from, to) in Berlin.
inline v1::MemberDefinition office(v1::MemberDefinition m, uint32_t from = 10, uint32_t to = 18) {
  m.mutable_working_hours()->set_time_zone("Europe/Berlin");
  for (uint32_t day = 1; day <= 5; ++day) {
    auto& interval = *m.mutable_working_hours()->add_intervals();
    interval.set_weekday(day);
    interval.set_from_minute(from * 60);
    interval.set_to_minute(to * 60);
  }
  return m;
}

// An empty end has none.
inline v1::MemberDefinition on_leave(v1::MemberDefinition m, const std::string& from, const std::string& to) {
  auto& leave = *m.add_leave();
  *leave.mutable_from() = timestamp(from);
  if (!to.empty()) *leave.mutable_to() = timestamp(to);
  return m;
}

inline v1::MemberDefinition covering(v1::MemberDefinition m, const std::string& territory) {
  m.add_territories(territory);
  return m;
}

inline v1::MemberDefinition speaking(v1::MemberDefinition m, const std::string& skill) {
  m.add_skills(skill);
  return m;
}

inline v1::TeamDefinition team_of(const std::vector<v1::MemberDefinition>& members) {
  v1::TeamDefinition d;
  d.set_name("Hunters");
  for (const auto& m : members) *d.add_members() = m;
  d.set_manager("mia");
  d.set_manager_plan("plan-managers");
  d.set_accept_within_minutes(60);
  d.set_max_hops(3);
  d.set_pipeline("standard");
  return d;
}

inline v1::TeamDefined defined(const v1::TeamDefinition& definition, uint32_t version = 1) {
  v1::TeamDefined e;
  e.set_team("hunters");
  *e.mutable_definition() = definition;
  e.set_version(version);
  return e;
}

inline v1::LeadNeeds lead(const std::string& id, const std::string& territory = "", const std::string& skill = "") {
  v1::LeadNeeds n;
  n.set_lead(id);
  n.set_customer("customer-" + id);
  n.set_territory(territory);
  if (!skill.empty()) n.add_skills(skill);
  return n;
}

inline v1::PickMember pick(const v1::LeadNeeds& needs, uint32_t hop = 1,
                           const std::vector<std::string>& excluded = {}) {
  v1::PickMember c;
  *c.mutable_lead() = needs;
  c.set_hop(hop);
  for (const auto& id : excluded) c.add_excluded(id);
  return c;
}

inline v1::FreeCapacity free_capacity(const std::string& lead) {
  v1::FreeCapacity c;
  c.set_lead(lead);
  return c;
}

template <class Event>
std::map<std::string, std::string> verdicts(const Event& e) {
  std::map<std::string, std::string> by_member;
  for (const auto& candidate : e.considered()) {
    by_member[candidate.member()] = candidate.eligible() ? "eligible" : candidate.verdict();
  }
  return by_member;
}

inline v1::Pipeline standard_pipeline() {
  v1::Pipeline p;
  p.set_pipeline("standard");
  p.set_version(2);
  p.mutable_definition()->set_name("Standard");
  const std::vector<std::pair<std::string, uint32_t>> stages = {{"new", 1000}, {"offer", 4000}, {"closing", 8000}};
  for (const auto& [id, probability] : stages) {
    auto& stage = *p.mutable_definition()->add_stages();
    stage.set_stage(id);
    stage.set_name("Stage " + id);
    stage.set_probability_bp(probability);
  }
  return p;
}

// A team as its members would be after DefineTeam.
inline v1::Team team_state(const v1::TeamDefinition& definition) {
  v1::Team state;
  Team::evolve(state, defined(definition), EventMeta{});
  return state;
}

}  // namespace tandem::sales::testing
