#include "shared/base/time.h"

#ifndef USE_OS_TZDB
#define USE_OS_TZDB 1  // as Debian builds its library; the layout of its types depends on it
#endif
#include <date/tz.h>

#include <cstdio>
#include <optional>

#include "shared/base/text.h"

namespace tandem {
namespace {

using std::chrono::microseconds;

// Takes exactly `count` digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const Date date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                  std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1) return std::nullopt;
  return date;
}

std::optional<microseconds> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return microseconds{0};
  std::int64_t micros = 0;
  int digits = 0;
  for (; digits < 9 && !text.empty() && is_digit(text.front()); ++digits) {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (int i = digits; i < 6; ++i) micros *= 10;
  return microseconds{micros};
}

std::optional<microseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second} + *fraction;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return std::chrono::minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return std::chrono::minutes{west ? -offset : offset};
}

std::optional<Instant> read_instant(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take(text, "Tt ")) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const Instant instant = Instant{std::chrono::sys_days{*date}} + *time - *offset;
  // The offset can carry it out of the years that format_instant can write.
  const int year = static_cast<int>(Date{std::chrono::floor<std::chrono::days>(instant)}.year());
  if (year < 1 || year > 9999) return std::nullopt;
  return instant;
}

const date::time_zone* zone_of(const void* zone) { return static_cast<const date::time_zone*>(zone); }

template <class... Args>
std::string print(const char* format, Args... args) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), format, args...);
  return buffer;
}

}  // namespace

Result<Instant> parse_instant(std::string_view text) {
  if (const auto instant = read_instant(text)) return *instant;
  return invalid("time", text.empty() ? "is empty" : "\"" + std::string(text) + "\" is not a time of RFC 3339",
                 "write it like 2026-10-05T13:00:00Z");
}

std::string format_instant(Instant instant) {
  const auto days = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::hh_mm_ss time{instant - days};
  std::string text = format_date(Date{days}) + print("T%02d:%02d:%02d", static_cast<int>(time.hours().count()),
                                                     static_cast<int>(time.minutes().count()),
                                                     static_cast<int>(time.seconds().count()));
  const int micros = static_cast<int>(time.subseconds().count());
  if (micros % 1000 != 0) {
    text += print(".%06d", micros);
  } else if (micros != 0) {
    text += print(".%03d", micros / 1000);
  }
  return text + "Z";
}

std::int64_t to_micros(Instant instant) { return instant.time_since_epoch().count(); }
Instant from_micros(std::int64_t micros) { return Instant{microseconds{micros}}; }

Result<Zone> find_zone(std::string_view name) {
  if (name == "UTC") return Zone{};
  try {
    date::get_tzdb();
  } catch (const std::exception&) {
    return make_error(Code::kFailedPrecondition, "time_zone", "data base is missing on this machine",
                      "install the package tzdata");
  }
  try {
    return Zone(date::locate_zone(std::string(name)));
  } catch (const std::exception&) {  // the library's way to say that it knows no such zone
    return invalid("time_zone", "\"" + std::string(name) + "\" is not known",
                   "use an IANA name such as Europe/Berlin, or UTC");
  }
}

std::string Zone::name() const { return zone_ == nullptr ? "UTC" : zone_of(zone_)->name(); }

LocalTime Zone::to_local(Instant instant) const {
  if (zone_ == nullptr) return LocalTime{instant.time_since_epoch()};
  return LocalTime{instant.time_since_epoch() + zone_of(zone_)->get_info(instant).offset};
}

Instant Zone::to_instant(LocalTime local) const {
  const microseconds since{local.time_since_epoch()};
  if (zone_ == nullptr) return Instant{since};
  const date::local_info info = zone_of(zone_)->get_info(date::local_time<microseconds>{since});
  if (info.result == date::local_info::nonexistent) return Instant{info.first.end};
  return Instant{since - info.first.offset};  // the first of two, where it is ambiguous
}

Result<Date> parse_date(std::string_view text) {
  std::string_view rest = text;
  const auto date = take_date(rest);
  if (date && rest.empty()) return *date;
  return invalid("date", text.empty() ? "is empty" : "\"" + std::string(text) + "\" is not a date",
                 "write it like 2026-10-05");
}

std::string format_date(Date date) {
  return print("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
               static_cast<unsigned>(date.day()));
}

Date date_of(Instant instant, const Zone& zone) {
  return Date{std::chrono::floor<std::chrono::days>(zone.to_local(instant))};
}

Instant start_of_day(Date date, const Zone& zone) { return zone.to_instant(std::chrono::local_days{date}); }

}  // namespace tandem
