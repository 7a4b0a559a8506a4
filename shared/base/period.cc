// Business periods (declared in time.h).
#include <cstdio>

#include "shared/base/text.h"
#include "shared/base/time.h"

namespace tandem {
namespace {

int periods_in_a_year(PeriodKind kind) { return kind == PeriodKind::kQuarter ? 4 : 12; }

Error not_a_period(std::string_view text) {
  return invalid("period", text.empty() ? "is empty" : "\"" + std::string(text) + "\" is not a month or a quarter",
                 "write it like 2026-10 or 2026-Q3");
}

}  // namespace

std::string Period::to_string() const {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), kind == PeriodKind::kQuarter ? "%04d-Q%d" : "%04d-%02d", year, index);
  return buffer;
}

Period Period::next() const {
  return index < periods_in_a_year(kind) ? Period{kind, year, index + 1} : Period{kind, year + 1, 1};
}

Period Period::previous() const {
  return index > 1 ? Period{kind, year, index - 1} : Period{kind, year - 1, periods_in_a_year(kind)};
}

Instant Period::begin(const Zone& zone) const {
  const int month = kind == PeriodKind::kQuarter ? 3 * index - 2 : index;
  return start_of_day(
      Date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)}, std::chrono::day{1}}, zone);
}

Instant Period::end(const Zone& zone) const { return next().begin(zone); }

bool Period::contains(Instant instant, const Zone& zone) const { return begin(zone) <= instant && instant < end(zone); }

Period period_of(Instant instant, PeriodKind kind, const Zone& zone) {
  const Date date = date_of(instant, zone);
  const int month = static_cast<int>(static_cast<unsigned>(date.month()));
  return Period{kind, static_cast<int>(date.year()), kind == PeriodKind::kQuarter ? (month + 2) / 3 : month};
}

Result<Period> parse_period(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return not_a_period(text);
  const bool quarter = text[5] == 'Q';
  const std::string_view digits = text.substr(quarter ? 6 : 5);
  const std::string_view years = text.substr(0, 4);
  if (digits.front() == '-' || years.front() == '-') return not_a_period(text);
  const auto year = parse_integer(years);
  const auto index = parse_integer(digits);
  const PeriodKind kind = quarter ? PeriodKind::kQuarter : PeriodKind::kMonth;
  if (!year || !index || *year < 1 || *index < 1 || *index > periods_in_a_year(kind)) return not_a_period(text);
  return Period{kind, static_cast<int>(*year), static_cast<int>(*index)};
}

}  // namespace tandem
