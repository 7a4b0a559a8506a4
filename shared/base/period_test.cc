#include <gtest/gtest.h>

#include "shared/base/time_testing.h"

namespace tandem {
namespace {

Period period(std::string_view text) { return parse_period(text).value(); }

TEST(Period, ParsesAndFormats) {
  EXPECT_EQ(period("2026-10"), (Period{PeriodKind::kMonth, 2026, 10}));
  EXPECT_EQ(period("2026-Q3"), (Period{PeriodKind::kQuarter, 2026, 3}));
  EXPECT_EQ(period("2026-01").to_string(), "2026-01");
  EXPECT_EQ(period("2026-Q4").to_string(), "2026-Q4");
  EXPECT_EQ(period("0099-Q1").to_string(), "0099-Q1");
  for (const char* bad : {"", "2026", "2026-1", "2026-00", "2026-13", "2026-Q0", "2026-Q5", "2026-q3", "2026Q3",
                          "2026-Q", "26-10", "2026-10-01", "-026-10", "2026--1", "2026-Q-", "0000-01", "2026-+1"}) {
    EXPECT_EQ(parse_period(bad).code(), Code::kInvalidArgument) << bad;
  }
}

TEST(Period, FollowsAndPrecedes) {
  EXPECT_EQ(period("2026-12").next(), period("2027-01"));
  EXPECT_EQ(period("2026-01").previous(), period("2025-12"));
  EXPECT_EQ(period("2026-Q4").next(), period("2027-Q1"));
  EXPECT_EQ(period("2026-Q1").previous(), period("2025-Q4"));
  EXPECT_EQ(period("2026-05").next().previous(), period("2026-05"));
  EXPECT_LT(period("2026-09"), period("2026-10"));
  EXPECT_LT(period("2025-12"), period("2026-01"));
}

TEST(Period, BeginsAndEndsInItsZone) {
  const Zone berlin = find_zone("Europe/Berlin").value();
  EXPECT_EQ(period("2026-10").begin(berlin), at("2026-09-30T22:00:00Z"));  // summer time
  EXPECT_EQ(period("2026-10").end(berlin), at("2026-10-31T23:00:00Z"));    // winter time
  EXPECT_EQ(period("2026-Q1").begin(berlin), at("2025-12-31T23:00:00Z"));
  EXPECT_EQ(period("2026-Q1").end(berlin), at("2026-03-31T22:00:00Z"));
  EXPECT_EQ(period("2026-10").begin(Zone{}), at("2026-10-01T00:00:00Z"));
  EXPECT_EQ(period("2024-02").end(Zone{}), at("2024-03-01T00:00:00Z"));
}

TEST(Period, OfAnInstantDependsOnTheZone) {
  const Instant instant = at("2026-09-30T22:30:00Z");
  const Zone berlin = find_zone("Europe/Berlin").value();
  EXPECT_EQ(period_of(instant, PeriodKind::kMonth, berlin), period("2026-10"));
  EXPECT_EQ(period_of(instant, PeriodKind::kMonth, Zone{}), period("2026-09"));
  EXPECT_EQ(period_of(instant, PeriodKind::kQuarter, berlin), period("2026-Q4"));
  EXPECT_EQ(period_of(instant, PeriodKind::kQuarter, Zone{}), period("2026-Q3"));
}

TEST(Period, PeriodsTileTime) {
  const Zone sao_paulo = find_zone("America/Sao_Paulo").value();
  for (const PeriodKind kind : {PeriodKind::kMonth, PeriodKind::kQuarter}) {
    Period current{kind, 2016, 1};
    for (int i = 0; i < 60; ++i) {
      const Instant begin = current.begin(sao_paulo);
      const Instant end = current.end(sao_paulo);
      EXPECT_LT(begin, end);
      EXPECT_EQ(period_of(begin, kind, sao_paulo), current);
      EXPECT_EQ(period_of(end - std::chrono::microseconds{1}, kind, sao_paulo), current);
      EXPECT_EQ(period_of(end, kind, sao_paulo), current.next());
      EXPECT_TRUE(current.contains(begin, sao_paulo));
      EXPECT_FALSE(current.contains(end, sao_paulo));
      current = current.next();
    }
  }
}

TEST(Period, EveryMonthIsInItsQuarter) {
  for (int month = 1; month <= 12; ++month) {
    const Instant begin = Period{PeriodKind::kMonth, 2026, month}.begin(Zone{});
    EXPECT_EQ(period_of(begin, PeriodKind::kQuarter, Zone{}).index, (month - 1) / 3 + 1) << month;
  }
}

}  // namespace
}  // namespace tandem
