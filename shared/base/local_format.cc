// Dates and times as other systems write them: parse_local (declared in time.h).
#include <array>
#include <optional>

#include "shared/base/text.h"
#include "shared/base/time.h"

namespace tandem {
namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

// Reads one text by one format. Each step takes what it reads from the front and says whether it could.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read(char specifier);
  bool read_literal(char c);
  bool at_end() const { return rest_.empty(); }
  std::optional<Instant> instant(const Zone& zone) const;

 private:
  bool number(std::size_t least, std::size_t most, int low, int high, int& into);
  bool two_digit_year();
  bool month_name();
  bool am_pm();
  bool seconds();
  bool offset();

  std::string_view rest_;
  int year_ = 0;  // zero: not read
  int month_ = 0;
  int day_ = 0;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  microseconds fraction_{0};
  bool twelve_hours_ = false;
  std::optional<bool> pm_;
  std::optional<std::chrono::minutes> offset_;
};

bool Reader::number(std::size_t least, std::size_t most, int low, int high, int& into) {
  std::size_t count = 0;
  int value = 0;
  for (; count < most && count < rest_.size() && is_digit(rest_[count]); ++count) {
    value = value * 10 + (rest_[count] - '0');
  }
  if (count < least || value < low || value > high) return false;
  rest_.remove_prefix(count);
  into = value;
  return true;
}

bool Reader::two_digit_year() {
  if (!number(2, 2, 0, 99, year_)) return false;
  year_ += year_ < 69 ? 2000 : 1900;  // as POSIX has it
  return true;
}

bool Reader::month_name() {
  const std::string lower = to_lower(rest_.substr(0, 9));
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    const bool whole = lower.starts_with(kMonths[i]);
    if (!whole && !lower.starts_with(kMonths[i].substr(0, 3))) continue;
    rest_.remove_prefix(whole ? kMonths[i].size() : 3);
    month_ = static_cast<int>(i) + 1;
    return true;
  }
  return false;
}

bool Reader::am_pm() {
  const std::string lower = to_lower(rest_.substr(0, 2));
  if (lower != "am" && lower != "pm") return false;
  pm_ = lower == "pm";
  rest_.remove_prefix(2);
  return true;
}

bool Reader::seconds() {
  if (!number(1, 2, 0, 59, second_)) return false;
  if (rest_.size() < 2 || rest_[0] != '.' || !is_digit(rest_[1])) return true;
  rest_.remove_prefix(1);
  std::int64_t unit = 100'000;
  for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1)) {
    fraction_ += microseconds{(rest_.front() - '0') * unit};
    unit /= 10;
  }
  return true;
}

bool Reader::offset() {
  if (rest_.starts_with('Z')) {
    rest_.remove_prefix(1);
    offset_ = std::chrono::minutes{0};
    return true;
  }
  if (!rest_.starts_with('+') && !rest_.starts_with('-')) return false;
  const int sign = rest_.front() == '-' ? -1 : 1;
  rest_.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!number(2, 2, 0, 23, hours)) return false;
  if (rest_.starts_with(':')) rest_.remove_prefix(1);
  if (!number(2, 2, 0, 59, minutes)) return false;
  offset_ = std::chrono::minutes{sign * (hours * 60 + minutes)};
  return true;
}

bool Reader::read(char specifier) {
  switch (specifier) {
    case 'Y':
      return number(4, 4, 1, 9999, year_);
    case 'y':
      return two_digit_year();
    case 'm':
      return number(1, 2, 1, 12, month_);
    case 'b':
      return month_name();
    case 'd':
      return number(1, 2, 1, 31, day_);
    case 'H':
      return number(1, 2, 0, 23, hour_);
    case 'I':
      twelve_hours_ = true;
      return number(1, 2, 1, 12, hour_);
    case 'p':
      return am_pm();
    case 'M':
      return number(1, 2, 0, 59, minute_);
    case 'S':
      return seconds();
    case 'z':
      return offset();
    default:
      return read_literal('%');
  }
}

bool Reader::read_literal(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  if (c == ' ') {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  return true;
}

// None for a day that the calendar does not have.
std::optional<Instant> Reader::instant(const Zone& zone) const {
  const Date date{std::chrono::year{year_}, std::chrono::month{static_cast<unsigned>(month_)},
                  std::chrono::day{static_cast<unsigned>(day_)}};
  if (!date.ok()) return std::nullopt;
  int hour = hour_;
  if (twelve_hours_) hour = hour_ % 12 + (pm_.value_or(false) ? 12 : 0);
  const LocalTime local = LocalTime{std::chrono::local_days{date}} + std::chrono::hours{hour} +
                          std::chrono::minutes{minute_} + std::chrono::seconds{second_} + fraction_;
  if (offset_) return Instant{local.time_since_epoch() - *offset_};
  return zone.to_instant(local);
}

// A format must make a whole date, and a 12-hour clock needs its half of the day; else its texts would be guesses.
Status check_format(std::string_view format) {
  const auto refuse = [format](const std::string& reason) {
    return invalid("date_format", "\"" + std::string(format) + "\" " + reason, "write it like %d-%m-%Y %H:%M");
  };
  std::string seen;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (i + 1 == format.size()) return refuse("ends in %");
    const char specifier = format[++i];
    if (std::string_view("YymbdHIpMSz%").find(specifier) == std::string_view::npos) {
      return refuse("has the unknown %" + std::string(1, specifier));
    }
    seen += specifier;
  }
  const auto has = [&seen](std::string_view any_of) { return seen.find_first_of(any_of) != std::string::npos; };
  if (!has("Yy") || !has("mb") || !has("d")) return refuse("lacks the year, the month or the day");
  if (has("I") != has("p")) return refuse("needs %I and %p together");
  return {};
}

}  // namespace

Result<Instant> parse_local(std::string_view text, std::string_view format, const Zone& zone) {
  TANDEM_RETURN_IF_ERROR(check_format(format));
  const auto refuse = [&] {
    return invalid("date", text.empty() ? "is empty" : "\"" + std::string(text) + "\" is not a date",
                   "write it like " + std::string(format));
  };
  Reader reader(text);
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool read = format[i] == '%' ? reader.read(format[++i]) : reader.read_literal(format[i]);
    if (!read) return refuse();
  }
  if (!reader.at_end()) return refuse();
  if (const auto instant = reader.instant(zone)) return *instant;
  return refuse();
}

}  // namespace tandem
