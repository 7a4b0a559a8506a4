#include "shared/base/working_hours.h"

#include <algorithm>
#include <string>

namespace tandem {
namespace {

using std::chrono::microseconds;

std::size_t weekday_of(std::chrono::local_days day) { return std::chrono::weekday{day}.iso_encoding() - 1; }

bool never_open(const WorkingHours& hours) {
  return std::all_of(hours.week.begin(), hours.week.end(), [](const auto& shifts) { return shifts.empty(); });
}

bool is_holiday(const WorkingHours& hours, std::chrono::local_days day) {
  return std::find(hours.holidays.begin(), hours.holidays.end(), Date{day}) != hours.holidays.end();
}

// `intervals` without `hole`.
std::vector<Interval> without(const std::vector<Interval>& intervals, const Interval& hole) {
  std::vector<Interval> rest;
  for (const Interval& interval : intervals) {
    const Interval before{interval.begin, std::min(interval.end, hole.begin)};
    const Interval after{std::max(interval.begin, hole.end), interval.end};
    if (hole.begin >= hole.end) {
      rest.push_back(interval);
      continue;
    }
    if (before.begin < before.end) rest.push_back(before);
    if (after.begin < after.end) rest.push_back(after);
  }
  return rest;
}

// What is open on a local day: ordered, disjoint, none empty. Local times map to instants in order, also where clocks
// change, so a shift keeps its order with its neighbours; one that falls into a jump vanishes.
std::vector<Interval> open_on(const WorkingHours& hours, std::chrono::local_days day) {
  std::vector<Shift> shifts = hours.week[weekday_of(day)];
  if (shifts.empty() || is_holiday(hours, day)) return {};
  std::sort(shifts.begin(), shifts.end(), [](const Shift& a, const Shift& b) { return a.from < b.from; });
  std::vector<Interval> open;
  for (const Shift& shift : shifts) {
    const Interval interval{hours.zone.to_instant(LocalTime{day} + std::chrono::minutes{shift.from}),
                            hours.zone.to_instant(LocalTime{day} + std::chrono::minutes{shift.to})};
    if (interval.begin >= interval.end) continue;
    if (!open.empty() && interval.begin <= open.back().end) {
      open.back().end = std::max(open.back().end, interval.end);
    } else {
      open.push_back(interval);
    }
  }
  for (const Interval& leave : hours.leave) open = without(open, leave);
  return open;
}

// Gives the open intervals from `from` on, each cut to what is left of it, to `visit` until that returns true. Returns
// whether it did so within the horizon.
template <class Visit>
bool walk(const WorkingHours& hours, Instant from, Visit visit) {
  if (never_open(hours)) return false;
  const Instant horizon = from + kWorkingHoursHorizon;
  // From a day earlier, for the same reason as in is_open.
  auto day = std::chrono::floor<std::chrono::days>(hours.zone.to_local(from)) - std::chrono::days{1};
  const auto last = std::chrono::floor<std::chrono::days>(hours.zone.to_local(horizon));
  for (; day <= last; day += std::chrono::days{1}) {
    for (const Interval& open : open_on(hours, day)) {
      const Interval rest{std::max(open.begin, from), std::min(open.end, horizon)};
      if (rest.begin < rest.end && visit(rest)) return true;
    }
  }
  return false;
}

}  // namespace

WorkingHours weekdays(int from, int to, Zone zone) {
  WorkingHours hours;
  for (std::size_t day = 0; day < 5; ++day) hours.week[day] = {{from, to}};
  hours.zone = zone;
  return hours;
}

bool is_open(const WorkingHours& hours, Instant at) {
  const auto today = std::chrono::floor<std::chrono::days>(hours.zone.to_local(at));
  // The neighbours too, since where clocks go back around midnight an instant may be on two days.
  for (const int offset : {0, -1, 1}) {
    for (const Interval& open : open_on(hours, today + std::chrono::days{offset})) {
      if (open.begin <= at && at < open.end) return true;
    }
  }
  return false;
}

std::optional<Instant> next_opening(const WorkingHours& hours, Instant from) {
  std::optional<Instant> opening;
  walk(hours, from, [&opening](const Interval& open) {
    opening = open.begin;
    return true;
  });
  return opening;
}

Result<Instant> add_working_time(const WorkingHours& hours, Instant from, std::chrono::seconds amount) {
  if (amount < std::chrono::seconds{0}) return invalid("working_time", "is negative", "use zero or more");
  if (amount == std::chrono::seconds{0}) return from;
  if (never_open(hours)) return invalid("working_hours", "are never open", "add a shift to a weekday");
  microseconds left = amount;
  Instant due = from;
  const bool found = walk(hours, from, [&](const Interval& open) {
    const microseconds length = open.end - open.begin;
    if (length < left) {
      left -= length;
      return false;
    }
    due = open.begin + left;
    return true;
  });
  if (found) return due;
  return make_error(Code::kOutOfRange, "working_time",
                    std::to_string(amount.count() / 60) + " minutes are not reached within two years",
                    "ask for less, or open the schedule");
}

}  // namespace tandem
