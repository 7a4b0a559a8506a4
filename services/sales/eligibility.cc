#include "services/sales/eligibility.h"

#include <algorithm>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/working_hours.h"

namespace tandem::sales {
namespace {

Interval to_interval(const type::v1::TimeRange& range) {
  return {range.has_from() ? to_instant(range.from()) : Instant::min(),
          range.has_to() ? to_instant(range.to()) : Instant::max()};
}

bool on_leave(const v1::MemberDefinition& member, Instant at) {
  return std::any_of(member.leave().begin(), member.leave().end(), [at](const auto& range) {
    const Interval leave = to_interval(range);
    return leave.begin <= at && at < leave.end;
  });
}

bool has_left(const v1::MemberDefinition& member, Instant at) {
  return member.has_left_at() && to_instant(member.left_at()) <= at;
}

// Without intervals: always. The zone is known, for a definition with another is refused.
WorkingHours to_hours(const v1::MemberDefinition& member) {
  WorkingHours hours;
  if (member.working_hours().intervals().empty()) {
    hours.week.fill({{0, 1440}});
  } else {
    hours.zone = find_zone(member.working_hours().time_zone()).value_or(Zone{});
    for (const auto& interval : member.working_hours().intervals()) {
      hours.week[(interval.weekday() + 6) % 7].push_back(
          {static_cast<int>(interval.from_minute()), static_cast<int>(interval.to_minute())});
    }
  }
  for (const auto& range : member.leave()) hours.leave.push_back(to_interval(range));
  return hours;
}

bool on_endless_leave(const v1::MemberDefinition& member, Instant at) {
  return std::any_of(member.leave().begin(), member.leave().end(),
                     [at](const auto& range) { return !range.has_to() && to_interval(range).begin <= at; });
}

}  // namespace

bool contains(const Ids& ids, const std::string& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

Presence presence(const v1::MemberDefinition& member, Instant now) {
  if (has_left(member, now)) return {false, "left"};
  if (on_leave(member, now)) return {false, "on leave"};
  if (member.working_hours().intervals().empty() || is_open(to_hours(member), now)) return {true, ""};
  return {false, "outside working hours"};
}

std::optional<Instant> there_from(const v1::MemberDefinition& member, Instant from) {
  if (has_left(member, from) || on_endless_leave(member, from)) return std::nullopt;
  auto opening = next_opening(to_hours(member), from);
  if (opening && has_left(member, *opening)) return std::nullopt;
  return opening;
}

std::string capacity_verdict(const v1::MemberDefinition& member, uint32_t open) {
  if (member.capacity() == 0 || open < member.capacity()) return "";
  return "at capacity " + std::to_string(open) + " of " + std::to_string(member.capacity());
}

std::string misfit(const v1::MemberDefinition& member, const v1::LeadNeeds& lead, const Ids& excluded) {
  if (!lead.territory().empty() && !member.territories().empty() && !contains(member.territories(), lead.territory())) {
    return "territory " + lead.territory() + " not covered";
  }
  for (const std::string& skill : lead.skills()) {
    if (!contains(member.skills(), skill)) return "skill " + skill + " missing";
  }
  if (contains(excluded, member.member())) return "had it before";
  if (member.weight() == 0) return "weight 0";
  return "";
}

bool nobody_ever(const v1::TeamDefinition& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now) {
  return std::none_of(team.members().begin(), team.members().end(), [&](const v1::MemberDefinition& member) {
    return misfit(member, lead, excluded).empty() && there_from(member, now).has_value();
  });
}

Instant working_deadline(const v1::MemberDefinition& member, Instant from, std::chrono::seconds amount) {
  const bool always = member.working_hours().intervals().empty() && member.leave().empty();
  if (always || on_endless_leave(member, from)) return from + amount;
  return add_working_time(to_hours(member), from, amount).value_or(from + amount);
}

}  // namespace tandem::sales
