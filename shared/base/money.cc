#include "shared/base/money.h"

#include <limits>

#include "shared/base/text.h"

namespace tandem {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Error too_large() { return make_error(Code::kOutOfRange, "amount", "is too large", "keep it within 18 digits"); }

Error not_an_amount(std::string_view text, const std::string& reason) {
  return invalid("amount", "\"" + std::string(text) + "\" " + reason, "write it like 61,784,006.00");
}

Status same_currency(const Money& a, const Money& b) {
  if (a.currency == b.currency) return {};
  return invalid("currency", "differs: " + a.currency + " and " + b.currency, "use amounts of one currency");
}

// The digits of "61,784,006"; none unless commas stand between groups of three, if there are any.
std::string ungroup(std::string_view whole) {
  std::string digits;
  const std::size_t first = whole.find(',');
  if (first == 0 || (first != std::string_view::npos && first > 3)) return {};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    // From the right, every fourth place is a comma, and no other.
    const bool comma = first != std::string_view::npos && (whole.size() - i) % 4 == 0;
    if (comma != (whole[i] == ',') || (!comma && !is_digit(whole[i]))) return {};
    if (!comma) digits += whole[i];
  }
  return digits;
}

// Reads as a negative number, since there is one more of these.
Result<std::int64_t> to_minor(std::string_view digits, bool negative) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, c - '0', &value)) return too_large();
  }
  if (negative) return value;
  if (value == kMin) return too_large();
  return -value;
}

}  // namespace

Result<std::int64_t> add_minor(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return too_large();
  return sum;
}

Result<std::int64_t> subtract_minor(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return too_large();
  return difference;
}

Result<Money> add(const Money& a, const Money& b) {
  TANDEM_RETURN_IF_ERROR(same_currency(a, b));
  TANDEM_ASSIGN_OR_RETURN(const std::int64_t minor, add_minor(a.minor, b.minor));
  return Money{minor, a.currency};
}

Result<Money> subtract(const Money& a, const Money& b) {
  TANDEM_RETURN_IF_ERROR(same_currency(a, b));
  TANDEM_ASSIGN_OR_RETURN(const std::int64_t minor, subtract_minor(a.minor, b.minor));
  return Money{minor, a.currency};
}

Result<std::strong_ordering> compare(const Money& a, const Money& b) {
  TANDEM_RETURN_IF_ERROR(same_currency(a, b));
  return a.minor <=> b.minor;
}

Result<std::int64_t> parse_minor(std::string_view text, int exponent) {
  if (exponent < 0 || exponent > 9) {
    return make_error(Code::kOutOfRange, "exponent", "is " + std::to_string(exponent), "use 0 to 9");
  }
  const std::string_view trimmed = trim(text);
  std::string_view rest = trimmed;
  if (rest.empty()) return invalid("amount", "is empty", "write it like 61,784,006.00");
  const bool negative = rest.front() == '-';
  if (negative || rest.front() == '+') rest.remove_prefix(1);

  const std::size_t point = rest.find('.');
  std::string digits = ungroup(rest.substr(0, point));
  if (digits.empty()) return not_an_amount(trimmed, "is not an amount");
  std::size_t decimals = 0;
  if (point != std::string_view::npos) {
    const std::string_view fraction = rest.substr(point + 1);
    decimals = fraction.size();
    if (decimals == 0) return not_an_amount(trimmed, "ends in a point");
    for (const char c : fraction) {
      if (!is_digit(c)) return not_an_amount(trimmed, "is not an amount");
    }
    digits += fraction;
  }
  const auto places = static_cast<std::size_t>(exponent);
  if (decimals > places) {
    return not_an_amount(trimmed, "has more than " + std::to_string(exponent) + " decimals");
  }
  digits.append(places - decimals, '0');
  return to_minor(digits, negative);
}

Result<Money> parse_money(std::string_view text, std::string_view currency) {
  TANDEM_ASSIGN_OR_RETURN(const int exponent, currency_exponent(currency));
  TANDEM_ASSIGN_OR_RETURN(const std::int64_t minor, parse_minor(text, exponent));
  return Money{minor, std::string(currency)};
}

std::string format_minor(std::int64_t minor, int exponent) {
  const std::uint64_t magnitude = minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  std::string digits = std::to_string(magnitude);
  const auto places = static_cast<std::size_t>(exponent < 0 ? 0 : exponent);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');

  const std::size_t whole = digits.size() - places;
  std::string text = minor < 0 ? "-" : "";
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  if (places > 0) text += '.' + digits.substr(whole);
  return text;
}

std::string format_money(const Money& money) {
  const Result<int> exponent = currency_exponent(money.currency);
  if (!exponent.ok()) return money.currency + " " + format_minor(money.minor, 0) + " (minor units)";
  return money.currency + " " + format_minor(money.minor, *exponent);
}

}  // namespace tandem
