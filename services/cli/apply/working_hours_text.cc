#include "services/cli/apply/working_hours_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "shared/base/text.h"
#include "shared/base/time.h"

namespace tandem::cli {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr char kRemedy[] = "write Mon-Fri 09:00-12:00, 13:00-17:30; Sat 10:00-14:00";

Error wrong(std::string_view part, const std::string& why) {
  return invalid("", why + ": \"" + std::string(part) + "\"", kRemedy);
}

// 1 = Monday.
std::optional<uint32_t> parse_day(std::string_view text) {
  const std::string name = to_lower(trim(text)).substr(0, 3);
  const auto found = std::find(kDays.begin(), kDays.end(), name);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<uint32_t>(found - kDays.begin()) + 1;
}

// "09:00" in minutes after midnight.
std::optional<uint32_t> parse_minute(std::string_view text) {
  const auto words = split(trim(text), ':');
  if (words.size() != 2 || words[1].size() != 2) return std::nullopt;
  const auto hour = parse_integer(words[0]);
  const auto minute = parse_integer(words[1]);
  if (!hour || !minute || *hour < 0 || *hour > 24 || *minute < 0 || *minute > 59) return std::nullopt;
  const int64_t total = *hour * 60 + *minute;
  if (total > 24 * 60) return std::nullopt;
  return static_cast<uint32_t>(total);
}

// "Mon-Fri", also around the week's end: "Sat-Mon".
Result<std::vector<uint32_t>> parse_days(std::string_view text) {
  const auto ends = split(text, '-');
  const auto first = parse_day(ends.front());
  const auto last = parse_day(ends.back());
  if (ends.size() > 2 || !first || !last) return wrong(text, "names no weekdays");
  std::vector<uint32_t> days;
  for (uint32_t day = *first;; day = day % 7 + 1) {
    days.push_back(day);
    if (day == *last) return days;
  }
}

Status add_hours(std::string_view text, const std::vector<uint32_t>& days,
                 std::vector<sales::v1::WorkingInterval>& intervals) {
  const auto ends = split(text, '-');
  const auto from = parse_minute(ends.front());
  const auto to = parse_minute(ends.back());
  if (ends.size() != 2 || !from || !to) return wrong(text, "are no hours");
  if (*from >= *to) return wrong(text, "end before they begin (a night is two: 22:00-24:00 and 00:00-06:00)");
  for (const uint32_t day : days) {
    auto& interval = intervals.emplace_back();
    interval.set_weekday(day);
    interval.set_from_minute(*from);
    interval.set_to_minute(*to);
  }
  return {};
}

}  // namespace

Result<std::vector<sales::v1::WorkingInterval>> parse_working_intervals(std::string_view text) {
  std::vector<sales::v1::WorkingInterval> intervals;
  for (const std::string& part : split(text, ';')) {
    const std::string_view rule = trim(part);
    const size_t blank = rule.find(' ');
    if (blank == std::string_view::npos) return wrong(rule, "needs days and hours");
    TANDEM_ASSIGN_OR_RETURN(const auto days, parse_days(rule.substr(0, blank)));
    for (const std::string& hours : split(rule.substr(blank), ',')) {
      TANDEM_RETURN_IF_ERROR(add_hours(trim(hours), days, intervals));
    }
  }
  std::stable_sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) {
    return std::pair(a.weekday(), a.from_minute()) < std::pair(b.weekday(), b.from_minute());
  });
  return intervals;
}

Result<sales::v1::WorkingHours> parse_working_hours(std::string_view text, const std::string& default_zone) {
  std::string_view rules = trim(text);
  std::string zone = default_zone;
  // Hours end in a digit, a zone's name does not begin with one.
  const size_t blank = rules.rfind(' ');
  if (blank != std::string_view::npos && !std::isdigit(static_cast<unsigned char>(rules[blank + 1]))) {
    zone = std::string(rules.substr(blank + 1));
    rules = trim(rules.substr(0, blank));
  }
  if (!find_zone(zone).ok()) return invalid("", "names an unknown time zone: " + zone, "write Europe/Berlin");
  TANDEM_ASSIGN_OR_RETURN(auto intervals, parse_working_intervals(rules));
  sales::v1::WorkingHours hours;
  hours.set_time_zone(zone);
  hours.mutable_intervals()->Assign(intervals.begin(), intervals.end());
  return hours;
}

}  // namespace tandem::cli
