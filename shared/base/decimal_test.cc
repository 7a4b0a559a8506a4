#include "shared/base/decimal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "shared/base/ports.h"

namespace tandem {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Decimal dec(std::string_view text) { return Decimal::parse(text).value(); }

TEST(Decimal, IsCanonical) {
  EXPECT_EQ(dec("0.0600").to_string(), "0.06");
  EXPECT_EQ(dec("00012").to_string(), "12");
  EXPECT_EQ(dec("-1.50").to_string(), "-1.5");
  EXPECT_EQ(dec("-0.0").to_string(), "0");
  EXPECT_EQ(dec("0.000000001").to_string(), "0.000000001");
  EXPECT_EQ(dec("-0.05").to_string(), "-0.05");
  EXPECT_EQ(dec("1000").to_string(), "1000");
  EXPECT_EQ(dec("0.06"), Decimal::make(600, 4).value());
  EXPECT_EQ(dec("0.06").coefficient(), 6);
  EXPECT_EQ(dec("0.06").scale(), 2);
  EXPECT_EQ(dec("9223372036854775807").coefficient(), kMax);
  EXPECT_EQ(dec("-9223372036854775808").coefficient(), kMin);
  EXPECT_EQ(dec("-9223372036854775808").to_string(), "-9223372036854775808");
  EXPECT_EQ(Decimal{}, dec("0.00"));
}

TEST(Decimal, RefusesWhatIsNotOne) {
  for (const char* bad :
       {"", "-", ".", "1.", ".5", "+1", "1e2", "6%", "1,5", " 1", "1 ", "1.2.3", "--1", "1.-2", "nan"}) {
    EXPECT_EQ(Decimal::parse(bad).code(), Code::kInvalidArgument) << "\"" << bad << "\"";
  }
  EXPECT_EQ(Decimal::parse("0.0000000001").code(), Code::kOutOfRange);
  EXPECT_EQ(Decimal::parse("0.0000000010000").value().to_string(), "0.000000001");
  EXPECT_EQ(Decimal::parse("9223372036854775808").code(), Code::kOutOfRange);
  EXPECT_EQ(Decimal::parse("123456789012345678901234567890123456789012").code(), Code::kOutOfRange);
  EXPECT_EQ(Decimal::make(1, 10).code(), Code::kOutOfRange);
  EXPECT_EQ(Decimal::make(1, -1).code(), Code::kOutOfRange);
}

TEST(Decimal, Compares) {
  EXPECT_LT(dec("0.059"), dec("0.06"));
  EXPECT_GT(dec("10"), dec("9.999999999"));
  EXPECT_LT(dec("-2"), dec("-1.5"));
  EXPECT_EQ(dec("0.5") <=> dec("0.50"), std::strong_ordering::equal);
  EXPECT_GT(dec("9223372036854775807"), dec("0.000000001"));
  EXPECT_TRUE(dec("-0.1").is_negative());
  EXPECT_EQ(dec("0.0"), Decimal());
}

TEST(Decimal, CalculatesExactly) {
  EXPECT_EQ(add(dec("0.1"), dec("0.2")).value(), dec("0.3"));
  EXPECT_EQ(add(dec("0.5"), dec("0.5")).value().scale(), 0);
  EXPECT_EQ(subtract(dec("0.08"), dec("0.06")).value(), dec("0.02"));
  EXPECT_EQ(multiply(dec("0.06"), dec("1.5")).value(), dec("0.09"));
  EXPECT_EQ(multiply(dec("-0.25"), dec("4")).value(), dec("-1"));
  EXPECT_EQ(multiply(dec("0.00001"), dec("0.00001")).code(), Code::kOutOfRange);
  EXPECT_EQ(multiply(dec("9223372036854775807"), dec("2")).code(), Code::kOutOfRange);
  EXPECT_EQ(add(dec("9223372036854775807"), dec("1")).code(), Code::kOutOfRange);
  EXPECT_EQ(add(dec("9223372036854775807"), dec("0.1")).code(), Code::kOutOfRange);
  EXPECT_EQ(subtract(dec("-9223372036854775808"), dec("1")).code(), Code::kOutOfRange);
}

TEST(Decimal, ReadsAsPercent) {
  EXPECT_EQ(dec("0.06").to_percent(), "6 %");
  EXPECT_EQ(dec("0.0625").to_percent(), "6.25 %");
  EXPECT_EQ(dec("1.5").to_percent(), "150 %");
  EXPECT_EQ(dec("-0.001").to_percent(), "-0.1 %");
  EXPECT_EQ(dec("0").to_percent(), "0 %");
}

// A sum of one.
Result<std::int64_t> rounded(std::int64_t minor, const Decimal& rate) {
  ExactSum sum;
  TANDEM_RETURN_IF_ERROR(sum.add(minor, rate));
  return sum.rounded();
}

TEST(ExactSum, RoundsHalfAwayFromZero) {
  EXPECT_EQ(rounded(10'000'000, dec("0.06")).value(), 600'000);
  EXPECT_EQ(rounded(50, dec("0.01")).value(), 1);
  EXPECT_EQ(rounded(49, dec("0.01")).value(), 0);
  EXPECT_EQ(rounded(150, dec("0.01")).value(), 2);
  EXPECT_EQ(rounded(-50, dec("0.01")).value(), -1);
  EXPECT_EQ(rounded(-49, dec("0.01")).value(), 0);
  EXPECT_EQ(rounded(50, dec("-0.01")).value(), -1);
  EXPECT_EQ(rounded(kMax, dec("1")).value(), kMax);
  EXPECT_EQ(rounded(kMin, dec("1")).value(), kMin);
  EXPECT_EQ(rounded(kMin, dec("-1")).code(), Code::kOutOfRange);
  EXPECT_EQ(rounded(kMax, dec("1.1")).code(), Code::kOutOfRange);
  EXPECT_EQ(rounded(kMax, dec("9223372036854775807")).code(), Code::kOutOfRange);
}

// 6/8/10 % at 0/100 k/150 k, graduated, in cents.
TEST(ExactSum, SumsTheSlicesOfTiers) {
  const auto graduated = [](std::int64_t amount) {
    ExactSum sum;
    const std::int64_t first = std::min<std::int64_t>(amount, 10'000'000);
    const std::int64_t second = std::clamp<std::int64_t>(amount - 10'000'000, 0, 5'000'000);
    const std::int64_t third = std::max<std::int64_t>(amount - 15'000'000, 0);
    EXPECT_TRUE(sum.add(first, dec("0.06")).ok());
    EXPECT_TRUE(sum.add(second, dec("0.08")).ok());
    EXPECT_TRUE(sum.add(third, dec("0.10")).ok());
    return sum;
  };
  EXPECT_EQ(graduated(9'999'999).to_string(), "599999.94");  // 5,999.9994
  EXPECT_EQ(graduated(9'999'999).rounded().value(), 600'000);
  EXPECT_EQ(graduated(10'000'000).rounded().value(), 600'000);
  EXPECT_EQ(graduated(11'000'000).rounded().value(), 680'000);
  EXPECT_EQ(graduated(15'000'000).rounded().value(), 1'000'000);
  EXPECT_EQ(graduated(16'000'000).rounded().value(), 1'100'000);
}

TEST(ExactSum, RoundsOnce) {
  ExactSum sum;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(sum.add(40, dec("0.01")).ok());  // 0.4 each: alone they would round to 0
  EXPECT_EQ(sum.to_string(), "1.2");
  EXPECT_EQ(sum.rounded().value(), 1);
  ASSERT_TRUE(sum.add(-120, dec("0.01")).ok());
  EXPECT_EQ(sum, ExactSum());
  ASSERT_TRUE(sum.add(7).ok());
  EXPECT_EQ(sum.to_string(), "7");
}

TEST(ExactSum, SaysWhenItDoesNotFit) {
  ExactSum sum;
  EXPECT_EQ(sum.add(kMax, dec("9223372036854775807")).code(), Code::kOutOfRange);
  EXPECT_EQ(sum, ExactSum());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(sum.add(kMax).ok());
  EXPECT_EQ(sum.rounded().code(), Code::kOutOfRange);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(sum.add(-kMax).ok());
  EXPECT_EQ(sum.rounded().value(), kMax);
}

TEST(ExactSum, ReversalMirrorsTheSale) {
  SeededChance chance(7);
  for (int i = 0; i < 4'000; ++i) {
    const auto minor = static_cast<std::int64_t>(below(chance, 1'000'000'000'000));
    const Decimal rate = Decimal::make(static_cast<std::int64_t>(below(chance, 100'000)), 5).value();
    EXPECT_EQ(rounded(-minor, rate).value(), -rounded(minor, rate).value());
  }
}

TEST(Decimal, ParsesBackToTheSame) {
  SeededChance chance(3);
  for (int i = 0; i < 4'000; ++i) {
    const auto coefficient = static_cast<std::int64_t>(chance.next()) >> below(chance, 64);
    const Decimal value = Decimal::make(coefficient, static_cast<int>(below(chance, 10))).value();
    EXPECT_EQ(dec(value.to_string()), value);
  }
}

}  // namespace
}  // namespace tandem
