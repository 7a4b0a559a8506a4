#include "services/sales/team_definition.h"

#include <set>

#include "shared/aggregate/convert.h"
#include "shared/base/text.h"

namespace tandem::sales {
namespace {

std::string item(const std::string& list, int index) { return list + "[" + std::to_string(index) + "]"; }

bool overlap(const v1::WorkingInterval& a, const v1::WorkingInterval& b) {
  return a.weekday() == b.weekday() && a.from_minute() < b.to_minute() && b.from_minute() < a.to_minute();
}

void check_hours(const v1::WorkingHours& hours, const std::string& field, Violations& violations) {
  if (hours.intervals().empty()) return;
  if (auto zone = find_zone(hours.time_zone()); !zone.ok()) {
    violations.add(with_field(std::move(zone).error(), field + ".time_zone"));
  }
  for (int i = 0; i < hours.intervals_size(); ++i) {
    const auto& interval = hours.intervals(i);
    const std::string path = item(field + ".intervals", i);
    if (interval.weekday() < 1 || interval.weekday() > 7) {
      violations.add(Code::kInvalidArgument, path + ".weekday", "is not a weekday", "use 1 (Monday) to 7 (Sunday)");
    }
    if (interval.from_minute() >= interval.to_minute() || interval.to_minute() > 1440) {
      violations.add(Code::kInvalidArgument, path, "is not a part of a day",
                     "use minutes with 0 <= from_minute < to_minute <= 1440");
    }
    for (int j = 0; j < i; ++j) {
      if (!overlap(interval, hours.intervals(j))) continue;
      violations.add(Code::kInvalidArgument, path, "overlaps " + item("intervals", j), "join the two");
    }
  }
}

void check_member(const v1::MemberDefinition& member, const std::string& field, Violations& violations) {
  if (!is_slug(member.member())) {
    violations.add(Code::kInvalidArgument, field + ".member", "is not a slug", "use letters, digits, - _ and . only");
  }
  if (member.weight() > 1000) {
    violations.add(Code::kInvalidArgument, field + ".weight", "is above 1000", "use 0 to 1000");
  }
  check_hours(member.working_hours(), field + ".working_hours", violations);
  check_leave(member.leave(), field + ".leave", violations);
}

}  // namespace

std::chrono::seconds accept_within(const v1::TeamDefinition& definition) {
  return std::chrono::minutes{definition.accept_within_minutes()} +
         std::chrono::seconds{definition.accept_within_seconds()};
}

void check(const v1::TeamDefinition& definition, Violations& violations) {
  const auto required = [&](bool there, const char* field, const char* remedy) {
    if (!there) violations.add(Code::kInvalidArgument, std::string("definition.") + field, "is missing", remedy);
  };
  required(!definition.name().empty(), "name", "give the team a name");
  required(accept_within(definition) > std::chrono::seconds{0}, "accept_within_minutes",
           "say within how many working minutes a lead must be accepted");
  required(definition.max_hops() > 0, "max_hops", "say how many members a lead is offered to before it needs a person");
  required(!definition.pipeline().empty(), "pipeline", "name the pipeline of the team's opportunities");
  std::set<std::string> seen;
  for (int i = 0; i < definition.members_size(); ++i) {
    const std::string field = item("definition.members", i);
    check_member(definition.members(i), field, violations);
    if (seen.insert(definition.members(i).member()).second) continue;
    violations.add(Code::kInvalidArgument, field + ".member", "is in the team twice", "name each member once");
  }
}

void check_leave(const google::protobuf::RepeatedPtrField<type::v1::TimeRange>& leave, const std::string& field,
                 Violations& violations) {
  for (int i = 0; i < leave.size(); ++i) {
    if (!leave[i].has_from() || !leave[i].has_to() || to_instant(leave[i].from()) < to_instant(leave[i].to())) continue;
    violations.add(Code::kInvalidArgument, item(field, i), "ends before it begins", "put `to` after `from`");
  }
}

const v1::MemberDefinition* find_member(const v1::TeamDefinition& definition, const std::string& member) {
  for (const auto& candidate : definition.members()) {
    if (candidate.member() == member) return &candidate;
  }
  return nullptr;
}

bool acts_for_another(const CallerInfo& caller, const std::string& name) {
  return caller.role == "salesperson" && caller.name != name;
}

void add_unknown_member(const v1::TeamDefinition& definition, const std::string& team, const std::string& member,
                        const std::string& field, Violations& violations) {
  std::vector<std::string> ids;
  for (const auto& known : definition.members()) ids.push_back(known.member());
  std::string remedy = did_you_mean(member, ids);
  for (const auto& known : definition.members()) {
    // Somebody wrote the name for the id.
    if (to_lower(known.name()) == to_lower(member)) remedy = "did you mean \"" + known.member() + "\"?";
  }
  if (remedy.empty()) remedy = "add members to the team first";
  violations.add(Code::kNotFound, field, "\"" + member + "\" is not in team " + team, remedy);
}

}  // namespace tandem::sales
