#include "services/sales/team_pay.h"

#include <algorithm>

#include "services/sales/team_definition.h"
#include "shared/aggregate/convert.h"

namespace tandem::sales {
namespace {

// A team's state is read and written with every choice.
constexpr int kKept = 1'000;

// Of the entries that `of` is true for, the one in force at a time; nullptr = the definition is.
template <class Former, class Of>
const Former* find_former(const google::protobuf::RepeatedPtrField<Former>& former, Instant at, Of of) {
  const auto found = std::find_if(former.begin(), former.end(),
                                  [&](const Former& one) { return of(one) && at < to_instant(one.until()); });
  return found == former.end() ? nullptr : &*found;
}

// `ended` was in force until `from`, if nothing says that the definition was otherwise from an earlier time on.
template <class Former, class Of>
void note(google::protobuf::RepeatedPtrField<Former>& former, Former ended, Instant from, Of of) {
  const auto later = [&](const Former& one) { return of(one) && from < to_instant(one.until()); };
  const auto first = std::find_if(former.begin(), former.end(), later);
  if (first != former.end()) ended = *first;
  former.erase(std::remove_if(first, former.end(), later), former.end());
  *ended.mutable_until() = to_timestamp(from);
  former.Add(std::move(ended));
  if (former.size() > kKept) former.DeleteSubrange(0, former.size() - kKept);
}

auto of_member(const std::string& member) {
  return [&member](const v1::FormerPlan& one) { return one.member() == member; };
}
bool any(const v1::FormerManager&) { return true; }

}  // namespace

std::optional<std::string> plan_at(const v1::Team& team, const std::string& member, Instant at) {
  if (const auto* former = find_former(team.former_plans(), at, of_member(member))) return former->plan();
  const auto* found = find_member(team.definition(), member);
  if (found == nullptr) return std::nullopt;
  return found->plan();
}

TeamManager manager_at(const v1::Team& team, Instant at) {
  if (const auto* former = find_former(team.former_managers(), at, any)) {
    return {former->manager(), former->manager_plan()};
  }
  return {team.definition().manager(), team.definition().manager_plan()};
}

void note_former(v1::Team& team, const v1::TeamDefinition& next, Instant from) {
  const v1::TeamDefinition& now = team.definition();
  for (const auto& member : now.members()) {
    const auto* then = find_member(next, member.member());
    if (then != nullptr && then->plan() == member.plan()) continue;
    v1::FormerPlan ended;
    ended.set_member(member.member());
    ended.set_plan(member.plan());
    note(*team.mutable_former_plans(), std::move(ended), from, of_member(member.member()));
  }
  if (now.manager() == next.manager() && now.manager_plan() == next.manager_plan()) return;
  v1::FormerManager ended;
  ended.set_manager(now.manager());
  ended.set_manager_plan(now.manager_plan());
  note(*team.mutable_former_managers(), std::move(ended), from, any);
}

}  // namespace tandem::sales
