#include "shared/base/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tandem {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return invalid("n", "is odd", "use an even number");
  return n / 2;
}

Result<std::string> quarter(int n) {
  TANDEM_ASSIGN_OR_RETURN(const int first, half(n));
  int second = 0;
  TANDEM_ASSIGN_OR_RETURN(second, half(first));
  return std::to_string(second);
}

Status even(int n) {
  TANDEM_RETURN_IF_ERROR(half(n));
  return {};
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = half(4);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 2);
  EXPECT_EQ(good.code(), Code::kOk);
  EXPECT_EQ(good.value_or(9), 2);

  const Result<int> bad = half(3);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.code(), Code::kInvalidArgument);
  EXPECT_EQ(bad.error().message, "n is odd");
  EXPECT_EQ(bad.error().violations, (std::vector<Violation>{{"n", "is odd", "use an even number"}}));
  EXPECT_EQ(bad.value_or(9), 9);
}

TEST(Result, ConvertsToTheValuesType) {
  const auto text = []() -> Result<std::string> { return "abc"; };
  EXPECT_EQ(text()->size(), 3u);
  const auto empty = []() -> Result<std::optional<int>> { return std::nullopt; };
  EXPECT_FALSE(empty()->has_value());
  const auto list = []() -> Result<std::vector<int>> { return {{1, 2}}; };
  EXPECT_EQ(list()->size(), 2u);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  std::unique_ptr<int> taken = make().value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, TemporariesCanBeIterated) {
  const auto list = []() -> Result<std::vector<int>> { return std::vector<int>{1, 2, 3}; };
  int sum = 0;
  for (const int n : list().value()) sum += n;
  EXPECT_EQ(sum, 6);
}

TEST(Result, MacrosPassErrorsOn) {
  EXPECT_EQ(quarter(8).value(), "2");
  EXPECT_EQ(quarter(6).error().message, "n is odd");
  EXPECT_EQ(quarter(7).error().message, "n is odd");
  EXPECT_TRUE(even(2).ok());
  EXPECT_EQ(even(3).code(), Code::kInvalidArgument);
}

TEST(ResultDeathTest, TakingWhatIsNotThereIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)half(3).value(), "n is odd");
  EXPECT_DEATH((void)half(2).error(), "holds a value");
  EXPECT_DEATH(even(3).value(), "use an even number");
}

TEST(Error, CodesHaveTheNamesAndNumbersOfGrpc) {
  EXPECT_EQ(code_name(Code::kOk), "OK");
  EXPECT_EQ(code_name(Code::kInvalidArgument), "INVALID_ARGUMENT");
  EXPECT_EQ(code_name(static_cast<Code>(16)), "UNAUTHENTICATED");
  EXPECT_EQ(code_name(static_cast<Code>(9)), "FAILED_PRECONDITION");
  EXPECT_EQ(code_name(static_cast<Code>(42)), "CODE_42");
  for (int code = 0; code <= 16; ++code) {
    EXPECT_THAT(code_name(static_cast<Code>(code)), testing::Not(testing::StartsWith("CODE_"))) << code;
  }
}

TEST(Error, ReadsInOneLine) {
  EXPECT_EQ(to_line(invalid("email", "is empty", "write name@domain")),
            "INVALID_ARGUMENT: email is empty (write name@domain)");
  EXPECT_EQ(to_line(make_error(Code::kUnavailable, "no Redis\nat all")), "UNAVAILABLE: no Redis at all");
  EXPECT_EQ(to_line(make_error(Code::kInternal, "")), "INTERNAL");

  Error late = make_error(Code::kAborted, "too many conflicts");
  late.retry_after = std::chrono::milliseconds{250};
  EXPECT_EQ(to_line(late), "ABORTED: too many conflicts; try again in 250 ms");

  Error own_words = make_error(Code::kInvalidArgument, "the plan is refused");
  own_words.violations.push_back({"tiers[0]", "begins at 5", "begin at 0"});
  EXPECT_EQ(to_line(own_words), "INVALID_ARGUMENT: the plan is refused; tiers[0] begins at 5 (begin at 0)");
}

TEST(Error, SeveralViolationsAreAllSaid) {
  Error error = invalid("a", "is empty", "fill it");
  append(error, invalid("b", "is negative", "use zero or more"));
  EXPECT_EQ(error.violations.size(), 2u);
  EXPECT_EQ(to_line(error), "INVALID_ARGUMENT: a is empty (fill it); b is negative (use zero or more)");
}

TEST(Error, WaitsForTheLongerOfTwo) {
  Error error = make_error(Code::kUnavailable, "a");
  Error other = make_error(Code::kUnavailable, "b");
  other.retry_after = std::chrono::milliseconds{20};
  append(error, other);
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds{20});
  EXPECT_EQ(error.message, "a; b");
}

TEST(Error, IsToldThePath) {
  const Error error = with_field(invalid("email", "is empty", "write one"), "lead.person.email");
  EXPECT_EQ(error.violations.front().field, "lead.person.email");
  EXPECT_EQ(error.message, "lead.person.email is empty");
  Error own_words = invalid("email", "is empty", "write one");
  own_words.message = "Nobody can be reached";
  EXPECT_EQ(with_field(own_words, "x").message, "Nobody can be reached");
}

}  // namespace
}  // namespace tandem
