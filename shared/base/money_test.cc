#include "shared/base/money.h"

#include <gtest/gtest.h>

#include <limits>

#include "shared/base/ports.h"

namespace tandem {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Money eur(std::int64_t minor) { return {minor, "EUR"}; }

TEST(Money, AddsAndSubtracts) {
  EXPECT_EQ(add(eur(150), eur(-50)).value(), eur(100));
  EXPECT_EQ(subtract(eur(150), eur(-50)).value(), eur(200));
  EXPECT_EQ(compare(eur(1), eur(2)).value(), std::strong_ordering::less);
  EXPECT_EQ(compare(eur(2), eur(2)).value(), std::strong_ordering::equal);
}

TEST(Money, ChecksOverflow) {
  EXPECT_EQ(add(eur(kMax), eur(1)).code(), Code::kOutOfRange);
  EXPECT_EQ(add(eur(kMin), eur(-1)).code(), Code::kOutOfRange);
  EXPECT_EQ(subtract(eur(kMin), eur(1)).code(), Code::kOutOfRange);
  EXPECT_EQ(subtract(eur(0), eur(kMin)).code(), Code::kOutOfRange);
  EXPECT_EQ(add(eur(kMax), eur(kMin)).value(), eur(-1));
  EXPECT_EQ(add_minor(kMax, 1).code(), Code::kOutOfRange);
  EXPECT_EQ(subtract_minor(kMin, 1).code(), Code::kOutOfRange);
}

TEST(Money, CurrenciesDoNotMix) {
  const auto mixed = add(eur(1), Money{1, "USD"});
  ASSERT_EQ(mixed.code(), Code::kInvalidArgument);
  EXPECT_EQ(mixed.error().violations.front().field, "currency");
  EXPECT_EQ(subtract(eur(1), Money{1, "USD"}).code(), Code::kInvalidArgument);
  EXPECT_EQ(compare(eur(1), Money{1, "USD"}).code(), Code::kInvalidArgument);
  EXPECT_NE(eur(1), (Money{1, "USD"}));
}

TEST(Currency, HasItsDecimals) {
  for (const char* two : {"EUR", "USD", "BRL", "GBP", "INR", "AED", "ZWG", "XCG", "SLE", "MGA", "MRU", "BGN", "HRK"}) {
    EXPECT_EQ(currency_exponent(two).value(), 2) << two;
  }
  for (const char* none : {"JPY", "KRW", "CLP", "ISK", "VND", "XOF", "XAF", "XPF", "BIF", "UGX", "PYG", "UYI"}) {
    EXPECT_EQ(currency_exponent(none).value(), 0) << none;
  }
  for (const char* three : {"KWD", "BHD", "IQD", "JOD", "LYD", "OMR", "TND"}) {
    EXPECT_EQ(currency_exponent(three).value(), 3) << three;
  }
  EXPECT_EQ(currency_exponent("CLF").value(), 4);
  EXPECT_EQ(currency_exponent("UYW").value(), 4);
}

TEST(Currency, UnknownOnesAreRefused) {
  for (const char* unknown : {"", "eur", "EU", "EURO", "XXX", "XAU", "ABC", "URF", "EDA"}) {
    EXPECT_EQ(currency_exponent(unknown).code(), Code::kInvalidArgument) << unknown;
  }
}

TEST(ParseMoney, ReadsExactly) {
  EXPECT_EQ(parse_money("61,784,006.00", "BRL").value(), (Money{6'178'400'600, "BRL"}));
  EXPECT_EQ(parse_money("  0.05 ", "EUR").value(), eur(5));
  EXPECT_EQ(parse_money("-0.05", "EUR").value(), eur(-5));
  EXPECT_EQ(parse_money("+7.5", "EUR").value(), eur(750));
  EXPECT_EQ(parse_money("1234567", "EUR").value(), eur(123'456'700));
  EXPECT_EQ(parse_money("999", "JPY").value(), (Money{999, "JPY"}));
  EXPECT_EQ(parse_money("1.234", "KWD").value(), (Money{1234, "KWD"}));
  EXPECT_EQ(parse_minor("92,233,720,368,547,758.07", 2).value(), kMax);
  EXPECT_EQ(parse_minor("-92,233,720,368,547,758.08", 2).value(), kMin);
  EXPECT_EQ(parse_minor("0", 2).value(), 0);
  EXPECT_EQ(parse_minor("-0", 2).value(), 0);
}

TEST(ParseMoney, RefusesWhatItCannotReadExactly) {
  for (const char* bad :
       {"",       " ",      "-",   "+",     ".",   "1.",  ".5",    "1.000", "1,00", "1,0000", ",100", "1000,000",
        "1,,000", "1,000,", "12a", "1 000", "--1", "1e3", "1.2.3", "1.-2",  "1.,0", "EUR 5",  "0x10", "1.2,3"}) {
    EXPECT_EQ(parse_minor(bad, 2).code(), Code::kInvalidArgument) << "\"" << bad << "\"";
  }
  EXPECT_EQ(parse_money("100.0", "JPY").code(), Code::kInvalidArgument);
  EXPECT_EQ(parse_money("1", "ABC").code(), Code::kInvalidArgument);
  EXPECT_EQ(parse_minor("92,233,720,368,547,758.08", 2).code(), Code::kOutOfRange);
  EXPECT_EQ(parse_minor("-92,233,720,368,547,758.09", 2).code(), Code::kOutOfRange);
  EXPECT_EQ(parse_minor("99999999999999999999999999", 2).code(), Code::kOutOfRange);
  EXPECT_EQ(parse_minor("1", 10).code(), Code::kOutOfRange);
}

TEST(FormatMoney, IsForPeople) {
  EXPECT_EQ(format_money(eur(6'120'418)), "EUR 61,204.18");
  EXPECT_EQ(format_money(eur(-5)), "EUR -0.05");
  EXPECT_EQ(format_money(eur(0)), "EUR 0.00");
  EXPECT_EQ(format_money(eur(-123'456)), "EUR -1,234.56");
  EXPECT_EQ(format_money({1'000'000, "JPY"}), "JPY 1,000,000");
  EXPECT_EQ(format_money({1, "KWD"}), "KWD 0.001");
  EXPECT_EQ(format_money({5, "ABC"}), "ABC 5 (minor units)");
  EXPECT_EQ(format_minor(kMin, 2), "-92,233,720,368,547,758.08");
  EXPECT_EQ(format_minor(kMax, 0), "9,223,372,036,854,775,807");
}

TEST(FormatMoney, ParsesBackToTheSame) {
  SeededChance chance(1);
  for (int i = 0; i < 4'000; ++i) {
    const auto minor = static_cast<std::int64_t>(chance.next()) >> below(chance, 64);
    const int exponent = static_cast<int>(below(chance, 5));
    EXPECT_EQ(parse_minor(format_minor(minor, exponent), exponent).value(), minor);
  }
}

}  // namespace
}  // namespace tandem
