#include "shared/base/working_hours.h"

#include <gtest/gtest.h>

#include "shared/base/ports.h"
#include "shared/base/time_testing.h"

namespace tandem {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Zone berlin() { return find_zone("Europe/Berlin").value(); }

// 7 October 2026 is a Wednesday. Berlin is two hours ahead until 25 October.
Instant wednesday(int hour) { return at("2026-10-06T22:00:00Z") + hours{hour}; }
Instant thursday(int hour) { return wednesday(24 + hour); }
Instant friday(int hour) { return wednesday(48 + hour); }
Instant monday(int hour) { return wednesday(5 * 24 + hour); }

WorkingHours ten_to_six() { return weekdays(10 * 60, 18 * 60, berlin()); }

// 10-18 Mon-Fri, 10 h.
TEST(AddWorkingTime, GoldenVectors) {
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(15), hours{10}).value(), thursday(17));
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(20), hours{10}).value(), friday(12));
}

TEST(AddWorkingTime, EndsAsEarlyAsItCan) {
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(10), hours{8}).value(), wednesday(18));
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(10), minutes{8 * 60 + 1}).value(), thursday(10) + minutes{1});
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(20), minutes{0}).value(), wednesday(20));
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(18), minutes{1}).value(), thursday(10) + minutes{1});
  const Instant odd = wednesday(11) + std::chrono::microseconds{7};
  EXPECT_EQ(add_working_time(ten_to_six(), odd, hours{1}).value(), odd + hours{1});
}

TEST(AddWorkingTime, SkipsWeekendsHolidaysAndLeave) {
  EXPECT_EQ(add_working_time(ten_to_six(), friday(17), hours{2}).value(), monday(11));

  WorkingHours with_holiday = ten_to_six();
  with_holiday.holidays = {parse_date("2026-10-08").value()};  // the Thursday
  EXPECT_EQ(add_working_time(with_holiday, wednesday(17), hours{2}).value(), friday(11));

  WorkingHours with_leave = ten_to_six();
  with_leave.leave = {{wednesday(16), thursday(12)}};
  EXPECT_EQ(add_working_time(with_leave, wednesday(15), hours{2}).value(), thursday(13));
  with_leave.leave.push_back({thursday(13), thursday(14)});
  EXPECT_EQ(add_working_time(with_leave, wednesday(15), hours{3}).value(), thursday(15));
}

TEST(AddWorkingTime, TakesBreaks) {
  WorkingHours with_lunch = ten_to_six();
  for (auto& day : with_lunch.week) {
    if (!day.empty()) day = {{13 * 60, 18 * 60}, {10 * 60, 12 * 60}};  // also when not in order
  }
  EXPECT_EQ(add_working_time(with_lunch, wednesday(11), hours{2}).value(), wednesday(14));
  EXPECT_FALSE(is_open(with_lunch, wednesday(12)));
  EXPECT_TRUE(is_open(with_lunch, wednesday(13)));
}

TEST(AddWorkingTime, NightShiftsGoOnOverMidnight) {
  WorkingHours night;
  night.zone = berlin();
  for (auto& day : night.week) day = {{0, 6 * 60}, {22 * 60, 1440}};
  EXPECT_EQ(add_working_time(night, wednesday(21), hours{4}).value(), thursday(2));
  EXPECT_TRUE(is_open(night, thursday(0)));
}

TEST(AddWorkingTime, WhereClocksChange) {
  WorkingHours always;
  always.zone = berlin();
  for (auto& day : always.week) day = {{0, 1440}};
  // Sunday, 25 October 2026 has 25 hours, Sunday, 29 March 2026 has 23: 24 hours of work end an hour earlier and later.
  EXPECT_EQ(add_working_time(always, at("2026-10-25T00:00:00+02:00"), hours{24}).value(),
            at("2026-10-25T23:00:00+01:00"));
  EXPECT_EQ(add_working_time(always, at("2026-03-29T00:00:00+01:00"), hours{24}).value(),
            at("2026-03-30T01:00:00+02:00"));
  EXPECT_EQ(add_working_time(always, at("2026-10-25T00:00:00+02:00"), hours{25}).value(),
            at("2026-10-26T00:00:00+01:00"));
  EXPECT_EQ(add_working_time(always, at("2026-03-29T00:00:00+01:00"), hours{23}).value(),
            at("2026-03-30T00:00:00+02:00"));
  // Over the weekend of the change the wall clock is what counts: Friday 17:00 + 2 h is Monday 11:00.
  EXPECT_EQ(add_working_time(ten_to_six(), at("2026-10-23T17:00:00+02:00"), hours{2}).value(),
            at("2026-10-26T11:00:00+01:00"));
  EXPECT_EQ(add_working_time(ten_to_six(), at("2026-03-27T17:00:00+01:00"), hours{2}).value(),
            at("2026-03-30T11:00:00+02:00"));
}

TEST(AddWorkingTime, AShiftInsideTheJumpVanishes) {
  WorkingHours sundays;
  sundays.zone = berlin();
  sundays.week[6] = {{2 * 60, 3 * 60}};
  // 29 March has no such hour: the next Sunday.
  EXPECT_EQ(next_opening(sundays, at("2026-03-28T12:00:00Z")), at("2026-04-05T00:00:00Z"));
  // 25 October has it twice, and it is one shift of two hours.
  EXPECT_EQ(add_working_time(sundays, at("2026-10-24T12:00:00Z"), hours{2}).value(), at("2026-10-25T02:00:00Z"));
  EXPECT_TRUE(is_open(sundays, at("2026-10-25T00:30:00Z")));
  EXPECT_TRUE(is_open(sundays, at("2026-10-25T01:30:00Z")));
}

TEST(AddWorkingTime, ClocksThatGoBackAtMidnight) {
  // Sao Paulo, 17 February 2018, a Saturday: at 24:00 it was 23:00 again.
  WorkingHours late;
  late.zone = find_zone("America/Sao_Paulo").value();
  late.week[5] = {{23 * 60, 1440}};
  EXPECT_EQ(add_working_time(late, at("2018-02-17T12:00:00Z"), hours{2}).value(), at("2018-02-18T03:00:00Z"));
  EXPECT_TRUE(is_open(late, at("2018-02-18T02:30:00Z")));
  EXPECT_FALSE(is_open(late, at("2018-02-18T03:00:00Z")));
  EXPECT_EQ(add_working_time(late, at("2018-02-18T02:30:00Z"), minutes{30}).value(), at("2018-02-18T03:00:00Z"));
}

TEST(AddWorkingTime, SaysWhenThereIsNoTime) {
  const WorkingHours never;
  EXPECT_EQ(add_working_time(never, wednesday(10), hours{1}).code(), Code::kInvalidArgument);
  EXPECT_FALSE(is_open(never, wednesday(10)));
  EXPECT_EQ(next_opening(never, wednesday(10)), std::nullopt);

  WorkingHours away = ten_to_six();
  away.leave = {{wednesday(0), wednesday(0) + std::chrono::days{800}}};
  EXPECT_EQ(add_working_time(away, wednesday(10), hours{1}).code(), Code::kOutOfRange);
  EXPECT_EQ(next_opening(away, wednesday(10)), std::nullopt);

  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(10), hours{10'000}).code(), Code::kOutOfRange);
  EXPECT_EQ(add_working_time(ten_to_six(), wednesday(10), minutes{-1}).code(), Code::kInvalidArgument);
}

TEST(NextOpening, IsNowOrLater) {
  EXPECT_EQ(next_opening(ten_to_six(), wednesday(9)), wednesday(10));
  EXPECT_EQ(next_opening(ten_to_six(), wednesday(11)), wednesday(11));
  EXPECT_EQ(next_opening(ten_to_six(), wednesday(18)), thursday(10));
  EXPECT_EQ(next_opening(ten_to_six(), friday(18)), monday(10));
}

TEST(IsOpen, FromInclusiveToExclusive) {
  EXPECT_FALSE(is_open(ten_to_six(), wednesday(10) - std::chrono::microseconds{1}));
  EXPECT_TRUE(is_open(ten_to_six(), wednesday(10)));
  EXPECT_TRUE(is_open(ten_to_six(), wednesday(18) - std::chrono::microseconds{1}));
  EXPECT_FALSE(is_open(ten_to_six(), wednesday(18)));
  EXPECT_FALSE(is_open(ten_to_six(), friday(36)));
}

TEST(WorkingHours, OverlapsCountOnce) {
  WorkingHours overlapping = ten_to_six();
  overlapping.week[2] = {{600, 900}, {800, 1080}, {700, 710}};
  EXPECT_EQ(add_working_time(overlapping, wednesday(0), hours{8}).value(), wednesday(18));
}

// Minute by minute, the slow way, for random schedules over a change of clocks.
TEST(WorkingHoursProperty, AgreesWithCountingMinutes) {
  SeededChance chance(21);
  for (int round = 0; round < 12; ++round) {
    WorkingHours random;
    random.zone = berlin();
    for (auto& day : random.week) {
      for (std::uint64_t i = below(chance, 3); i > 0; --i) {
        const int from = static_cast<int>(below(chance, 1'400));
        day.push_back({from, from + 1 + static_cast<int>(below(chance, static_cast<std::uint64_t>(1'440 - from)))});
      }
    }
    random.week[static_cast<std::size_t>(below(chance, 7))].push_back({60, 240});
    const Instant start = at("2026-10-23T00:00:00Z") + minutes{static_cast<int>(below(chance, 1'440))};
    random.leave = {{start + hours{10}, start + hours{10 + static_cast<int>(below(chance, 20))}}};
    const int wanted = 1 + static_cast<int>(below(chance, 600));

    Instant counted = start;
    for (int left = wanted; left > 0; counted += minutes{1}) left -= is_open(random, counted) ? 1 : 0;
    EXPECT_EQ(add_working_time(random, start, minutes{wanted}).value(), counted);
    EXPECT_TRUE(is_open(random, next_opening(random, start).value()));
  }
}

}  // namespace
}  // namespace tandem
