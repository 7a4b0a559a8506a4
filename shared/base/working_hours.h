// Working hours: when somebody is there, and when a deadline counted in working time falls due. Computed by arithmetic
// on intervals, in the zone of the schedule, clock changes included.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem {

// Minutes after local midnight, half-open, 0 <= from < to <= 1440. A night shift is two: up to 1440, and from 0.
struct Shift {
  int from = 0;
  int to = 0;

  friend bool operator==(const Shift&, const Shift&) = default;
};

// Half-open.
struct Interval {
  Instant begin;
  Instant end;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// Without any shift: never open. Overlapping shifts count once.
struct WorkingHours {
  std::array<std::vector<Shift>, 7> week;  // [0] is Monday, [6] Sunday
  Zone zone;
  std::vector<Date> holidays;   // closed the whole local day
  std::vector<Interval> leave;  // closed

  friend bool operator==(const WorkingHours&, const WorkingHours&) = default;
};

// Nothing is looked for farther away than this.
inline constexpr std::chrono::days kWorkingHoursHorizon{731};

// Monday to Friday, [from, to) in minutes, in `zone`.
WorkingHours weekdays(int from, int to, Zone zone);

bool is_open(const WorkingHours& hours, Instant at);

// The first instant at or after `from` that is open; none within two years.
std::optional<Instant> next_opening(const WorkingHours& hours, Instant from);

// The earliest instant t >= from with `amount` of working time in [from, t): 8 hours from the morning of a working day
// is that evening, not the next morning; none is `from` itself. INVALID_ARGUMENT for a negative amount and for a
// schedule without a shift; OUT_OF_RANGE when it takes more than two years.
Result<Instant> add_working_time(const WorkingHours& hours, Instant from, std::chrono::seconds amount);

}  // namespace tandem
