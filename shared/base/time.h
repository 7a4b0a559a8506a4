// Instants, time zones, local dates and business periods. An Instant is UTC, in microseconds; what belongs to a place
// (a day, a month, an opening hour) is always named together with its zone.
//
// Where clocks change: a local time that occurs twice means its first occurrence; one that does not occur (in many
// places that is midnight) means the instant at which the clocks jump.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using LocalTime = std::chrono::local_time<std::chrono::microseconds>;
using Date = std::chrono::year_month_day;

// Time as it passes, from a beginning that means nothing: it never jumps, as the clock on the wall may. What waits for
// so long counts in it; what happened at an instant, or is due at one, does not.
struct PassingTime {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<PassingTime>;
  static constexpr bool is_steady = true;
};
using Tick = PassingTime::time_point;

// RFC 3339, any offset: "2026-10-05T13:00:00Z", "2026-10-05T15:00:00.25+02:00". Years 0001 to 9999; up to nine
// decimals, of which six are kept; no leap seconds. INVALID_ARGUMENT otherwise.
Result<Instant> parse_instant(std::string_view text);
// In UTC, with 0, 3 or 6 decimals, as many as are needed: "2026-10-05T13:00:00Z".
std::string format_instant(Instant instant);

std::int64_t to_micros(Instant instant);  // since 1970, negative before
Instant from_micros(std::int64_t micros);

// A time zone of the IANA data base of the operating system. Cheap to copy; made by find_zone, else UTC.
class Zone {
 public:
  Zone() = default;  // UTC
  std::string name() const;
  LocalTime to_local(Instant instant) const;
  Instant to_instant(LocalTime local) const;

  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  friend Result<Zone> find_zone(std::string_view name);
  explicit Zone(const void* zone) : zone_(zone) {}

  const void* zone_ = nullptr;  // a date::time_zone, which lives as long as the process; null is UTC
};

// "Europe/Berlin", "UTC". INVALID_ARGUMENT for a name that the data base does not know (exact spelling);
// FAILED_PRECONDITION when the machine has no data base (package tzdata).
Result<Zone> find_zone(std::string_view name);

// Local dates. "2026-10-05"; INVALID_ARGUMENT for what is not a day of the calendar.
Result<Date> parse_date(std::string_view text);
std::string format_date(Date date);
Date date_of(Instant instant, const Zone& zone);
Instant start_of_day(Date date, const Zone& zone);

// A date and time as other systems write them. Format: %Y %y (2000 to 2068, then 1969 to 1999) %m %d %H %I %p %M %S %b
// (English, short or long) %z (+02:00, +0200, Z: then `zone` is not used) %%; a blank matches one or more blanks,
// anything else itself. Numbers may lack leading zeros, except %Y; %S may have decimals. What the format does not say
// is zero, so
// "%d-%m-%Y" means the start of the day. The date must be complete. All of the text has to match.
Result<Instant> parse_local(std::string_view text, std::string_view format, const Zone& zone);

enum class PeriodKind : int { kMonth = 1, kQuarter = 2 };

// A calendar month or quarter. Says which days; which instants these are depends on the zone.
struct Period {
  PeriodKind kind = PeriodKind::kMonth;
  int year = 1970;  // 1 to 9999
  int index = 1;    // month 1 to 12, quarter 1 to 4

  std::string to_string() const;  // "2026-10", "2026-Q3"
  Period next() const;
  Period previous() const;
  Instant begin(const Zone& zone) const;  // first instant of it
  Instant end(const Zone& zone) const;    // first instant after it
  bool contains(Instant instant, const Zone& zone) const;

  friend auto operator<=>(const Period&, const Period&) = default;
};

Period period_of(Instant instant, PeriodKind kind, const Zone& zone);
Result<Period> parse_period(std::string_view text);

}  // namespace tandem
