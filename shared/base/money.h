// Money: a whole number of minor units (cents) of one ISO 4217 currency. Nothing here is ever a double; arithmetic is
// checked and says so when a sum does not fit or when two currencies meet.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem {

struct Money {
  std::int64_t minor = 0;  // of the currency's smallest unit: 61204.18 EUR is 6120418; JPY has no cents, KWD has 1000
  std::string currency;    // ISO 4217, three capitals

  friend bool operator==(const Money&, const Money&) = default;
};

// INVALID_ARGUMENT for different currencies, OUT_OF_RANGE for a result beyond int64.
Result<Money> add(const Money& a, const Money& b);
Result<Money> subtract(const Money& a, const Money& b);
// INVALID_ARGUMENT for different currencies.
Result<std::strong_ordering> compare(const Money& a, const Money& b);

// Overflow-checked sums of plain minor units: OUT_OF_RANGE.
Result<std::int64_t> add_minor(std::int64_t a, std::int64_t b);
Result<std::int64_t> subtract_minor(std::int64_t a, std::int64_t b);

// How many decimals a currency has (EUR 2, JPY 0, KWD 3, CLF 4): every ISO 4217 code that has minor units, and those
// withdrawn since 2020, for imported history. INVALID_ARGUMENT for any other (metals, XXX) and for small letters.
Result<int> currency_exponent(std::string_view code);

// "61,784,006.00" with exponent 2 is 6178400600. Exact or an error: optional sign, digits, commas only between groups
// of three, at most `exponent` decimals after the point (fewer are filled up; "1.000" in EUR is refused, for it is a
// thousand to half the world). Blanks around are ignored. `exponent` is 0..9.
Result<std::int64_t> parse_minor(std::string_view text, int exponent);
Result<Money> parse_money(std::string_view text, std::string_view currency);

// 6120418 with exponent 2 is "61,204.18"; negative "-61,204.18".
std::string format_minor(std::int64_t minor, int exponent);
// "EUR 61,204.18", "EUR -0.05". A currency that is unknown is written in minor units: "ABC 5 (minor units)".
std::string format_money(const Money& money);

}  // namespace tandem
