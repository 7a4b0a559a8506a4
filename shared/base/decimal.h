// Exact decimals for rates: 0.06 is 6 with scale 2, never a double. Up to 9 decimals; every operation is exact or an
// error (OUT_OF_RANGE). Rounding happens in one place only, when a rate has been applied to money.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem {

__extension__ typedef __int128 Int128;

// coefficient / 10^scale, kept canonical (no trailing zeros), so that equal values are equal members.
class Decimal {
 public:
  static constexpr int kMaxScale = 9;

  Decimal() = default;  // 0

  // OUT_OF_RANGE for a scale outside 0..9.
  static Result<Decimal> make(std::int64_t coefficient, int scale);
  static Decimal whole(std::int64_t value);
  // "0.06", "-1.5", "12". No exponent, no percent sign, no grouping; at most 9 decimals that are not trailing zeros.
  static Result<Decimal> parse(std::string_view text);

  // Canonical: "0.06", "-1.5", "12", "0". parse() of it gives the same value.
  std::string to_string() const;
  // As a percentage, for people: 0.06 is "6 %", 0.0625 is "6.25 %".
  std::string to_percent() const;

  std::int64_t coefficient() const { return coefficient_; }
  int scale() const { return scale_; }
  bool is_negative() const { return coefficient_ < 0; }

  friend bool operator==(const Decimal&, const Decimal&) = default;
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  Decimal(std::int64_t coefficient, int scale) : coefficient_(coefficient), scale_(scale) {}
  static Result<Decimal> narrow(Int128 coefficient, int scale);
  friend Result<Decimal> add(const Decimal& a, const Decimal& b);
  friend Result<Decimal> subtract(const Decimal& a, const Decimal& b);
  friend Result<Decimal> multiply(const Decimal& a, const Decimal& b);

  std::int64_t coefficient_ = 0;
  int scale_ = 0;
};

Result<Decimal> add(const Decimal& a, const Decimal& b);
Result<Decimal> subtract(const Decimal& a, const Decimal& b);
Result<Decimal> multiply(const Decimal& a, const Decimal& b);

// The exact sum of several minor * rate, to be rounded once at the end: the slices of graduated tiers. Kept as whole
// billionths of a minor unit.
class ExactSum {
 public:
  // OUT_OF_RANGE when the exact sum does not fit in 128 bits; the sum is then unchanged.
  Status add(std::int64_t minor, const Decimal& rate);
  // Adds whole minor units.
  Status add(std::int64_t minor) { return add(minor, Decimal::whole(1)); }
  Status add(const ExactSum& other);

  // Half away from zero: 0.5 gives 1, -0.5 gives -1. So a refund mirrors its sale. OUT_OF_RANGE beyond int64.
  Result<std::int64_t> rounded() const;
  // The exact value in minor units, "599999.94" (cents); canonical like Decimal::to_string.
  std::string to_string() const;

  // For storing it between two sums.
  Int128 billionths() const { return billionths_; }
  static ExactSum of_billionths(Int128 billionths);

  friend bool operator==(const ExactSum&, const ExactSum&) = default;

 private:
  Int128 billionths_ = 0;
};

}  // namespace tandem
