#include "shared/base/decimal.h"

#include <algorithm>
#include <limits>

#include "shared/base/text.h"

namespace tandem {
namespace {

constexpr Int128 kBillion = 1'000'000'000;

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool fits(Int128 value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

Error out_of_range(std::string field, std::string reason) {
  return make_error(Code::kOutOfRange, std::move(field), std::move(reason), "use smaller numbers or fewer decimals");
}

// Half away from zero.
Result<std::int64_t> round_billionths(Int128 billionths) {
  Int128 quotient = billionths / kBillion;
  const Int128 rest = billionths % kBillion;
  if (rest >= kBillion / 2) ++quotient;
  if (rest <= -kBillion / 2) --quotient;
  if (!fits(quotient)) return out_of_range("amount", "is too large");
  return static_cast<std::int64_t>(quotient);
}

std::string format(Int128 coefficient, int scale) {
  std::string digits;  // last first
  for (Int128 rest = coefficient; rest != 0; rest /= 10) {
    const int digit = static_cast<int>(rest % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  while (digits.size() <= static_cast<std::size_t>(scale)) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
  return coefficient < 0 ? "-" + digits : digits;
}

}  // namespace

Result<Decimal> Decimal::narrow(Int128 coefficient, int scale) {
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  if (scale > kMaxScale) return out_of_range("decimal", "has more than 9 decimals");
  if (!fits(coefficient)) return out_of_range("decimal", "is too large");
  return Decimal(static_cast<std::int64_t>(coefficient), scale);
}

Result<Decimal> Decimal::make(std::int64_t coefficient, int scale) {
  if (scale < 0 || scale > kMaxScale) return out_of_range("decimal", "has scale " + std::to_string(scale));
  return narrow(coefficient, scale);
}

Decimal Decimal::whole(std::int64_t value) { return Decimal(value, 0); }

Result<Decimal> Decimal::parse(std::string_view text) {
  const auto malformed = [text] {
    return invalid("decimal", "\"" + std::string(text) + "\" is not a decimal number", "write it like 0.06");
  };
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = rest.substr(point + 1);
    if (fraction.empty()) return malformed();
  }
  if (whole.empty()) return malformed();
  if (!std::all_of(whole.begin(), whole.end(), is_digit)) return malformed();
  if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return malformed();
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > static_cast<std::size_t>(kMaxScale)) {
    return out_of_range("decimal", "\"" + std::string(text) + "\" has more than 9 decimals");
  }
  Int128 coefficient = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      coefficient = coefficient * 10 + (c - '0');
      if (coefficient > kBillion * kBillion * kBillion) return out_of_range("decimal", "is too large");
    }
  }
  return narrow(negative ? -coefficient : coefficient, static_cast<int>(fraction.size()));
}

std::string Decimal::to_string() const { return format(coefficient_, scale_); }

std::string Decimal::to_percent() const {
  const Int128 hundredfold = Int128{coefficient_} * 100;
  Int128 coefficient = hundredfold;
  int scale = scale_;
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  return format(coefficient, scale) + " %";
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  const Int128 left = Int128{a.coefficient_} * power_of_ten(Decimal::kMaxScale - a.scale_);
  const Int128 right = Int128{b.coefficient_} * power_of_ten(Decimal::kMaxScale - b.scale_);
  if (left < right) return std::strong_ordering::less;
  if (left > right) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

// With both as billionths, less than 2^63 * 10^9 each, sums fit in 128 bits with room to spare.
Result<Decimal> add(const Decimal& a, const Decimal& b) {
  const Int128 left = Int128{a.coefficient_} * power_of_ten(Decimal::kMaxScale - a.scale_);
  const Int128 right = Int128{b.coefficient_} * power_of_ten(Decimal::kMaxScale - b.scale_);
  return Decimal::narrow(left + right, Decimal::kMaxScale);
}

Result<Decimal> subtract(const Decimal& a, const Decimal& b) {
  const Int128 left = Int128{a.coefficient_} * power_of_ten(Decimal::kMaxScale - a.scale_);
  const Int128 right = Int128{b.coefficient_} * power_of_ten(Decimal::kMaxScale - b.scale_);
  return Decimal::narrow(left - right, Decimal::kMaxScale);
}

Result<Decimal> multiply(const Decimal& a, const Decimal& b) {
  return Decimal::narrow(Int128{a.coefficient_} * b.coefficient_, a.scale_ + b.scale_);
}

Status ExactSum::add(std::int64_t minor, const Decimal& rate) {
  const Int128 product = Int128{minor} * rate.coefficient();  // below 2^126
  Int128 billionths = 0;
  if (__builtin_mul_overflow(product, Int128{power_of_ten(Decimal::kMaxScale - rate.scale())}, &billionths) ||
      __builtin_add_overflow(billionths_, billionths, &billionths)) {
    return out_of_range("amount", "is too large");
  }
  billionths_ = billionths;
  return {};
}

Status ExactSum::add(const ExactSum& other) {
  Int128 sum = 0;
  if (__builtin_add_overflow(billionths_, other.billionths_, &sum)) return out_of_range("amount", "is too large");
  billionths_ = sum;
  return {};
}

ExactSum ExactSum::of_billionths(Int128 billionths) {
  ExactSum sum;
  sum.billionths_ = billionths;
  return sum;
}

Result<std::int64_t> ExactSum::rounded() const { return round_billionths(billionths_); }

std::string ExactSum::to_string() const {
  Int128 coefficient = billionths_;
  int scale = Decimal::kMaxScale;
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  return format(coefficient, scale);
}

}  // namespace tandem
