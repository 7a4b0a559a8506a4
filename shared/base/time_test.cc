#include "shared/base/time.h"

#include <gtest/gtest.h>

#include "shared/base/ports.h"
#include "shared/base/time_testing.h"

namespace tandem {
namespace {

Zone zone(std::string_view name) { return find_zone(name).value(); }

LocalTime local(int year, unsigned month, unsigned day, int hour, int minute) {
  const Date date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  return LocalTime{std::chrono::local_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute};
}

TEST(Instant, ParsesRfc3339) {
  EXPECT_EQ(to_micros(at("1970-01-01T00:00:00Z")), 0);
  EXPECT_EQ(to_micros(at("1970-01-01T00:00:01.25Z")), 1'250'000);
  EXPECT_EQ(to_micros(at("1969-12-31T23:59:59.999999Z")), -1);
  EXPECT_EQ(at("2026-10-05T15:00:00+02:00"), at("2026-10-05T13:00:00Z"));
  EXPECT_EQ(at("2026-10-05T08:30:00-04:30"), at("2026-10-05T13:00:00Z"));
  EXPECT_EQ(at("2026-10-05t13:00:00z"), at("2026-10-05 13:00:00Z"));
  EXPECT_EQ(at("2026-10-05T13:00:00.123456789Z"), at("2026-10-05T13:00:00.123456Z"));
  EXPECT_EQ(at("2024-02-29T00:00:00Z") + std::chrono::days{1}, at("2024-03-01T00:00:00Z"));
}

TEST(Instant, RefusesOtherTexts) {
  for (const char* bad :
       {"", "2026-10-05", "2026-10-05T13:00:00", "2026-10-05T13:00Z", "2026-13-05T13:00:00Z", "2026-02-29T13:00:00Z",
        "2026-10-05T24:00:00Z", "2026-10-05T13:60:00Z", "2026-10-05T13:00:60Z", "2026-10-05T13:00:00.Z",
        "2026-10-05T13:00:00.1234567890Z", "2026-10-05T13:00:00+0200", "2026-10-05T13:00:00+24:00",
        "2026-10-05T13:00:00Z ", "26-10-05T13:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00", "-026-10-05T13:00:00Z"}) {
    EXPECT_EQ(parse_instant(bad).code(), Code::kInvalidArgument) << bad;
  }
}

TEST(Instant, FormatsWithAsManyDecimalsAsNeeded) {
  EXPECT_EQ(format_instant(at("2026-10-05T15:00:00+02:00")), "2026-10-05T13:00:00Z");
  EXPECT_EQ(format_instant(at("2026-10-05T13:00:00.25Z")), "2026-10-05T13:00:00.250Z");
  EXPECT_EQ(format_instant(from_micros(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_instant(at("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
}

TEST(Instant, ParsesBackToTheSame) {
  SeededChance chance(2);
  for (int i = 0; i < 5'000; ++i) {
    const Instant instant =
        from_micros(static_cast<std::int64_t>(below(chance, 8'000'000'000'000'000)) - 2'000'000'000);
    EXPECT_EQ(at(format_instant(instant)), instant);
  }
}

TEST(Zone, IsFoundByName) {
  EXPECT_EQ(zone("Europe/Berlin").name(), "Europe/Berlin");
  EXPECT_EQ(Zone{}.name(), "UTC");
  EXPECT_EQ(zone("UTC"), Zone{});
  EXPECT_EQ(zone("Europe/Berlin"), zone("Europe/Berlin"));
  EXPECT_NE(zone("Europe/Berlin"), zone("Europe/Paris"));
  for (const char* unknown : {"", "Europe/Atlantis", "europe/berlin", "CEST", "../etc/passwd"}) {
    const auto result = find_zone(unknown);
    ASSERT_EQ(result.code(), Code::kInvalidArgument) << unknown;
    EXPECT_EQ(result.error().violations.front().field, "time_zone");
  }
}

TEST(Zone, ConvertsBothWays) {
  const Zone berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.to_instant(local(2026, 1, 15, 12, 0)), at("2026-01-15T11:00:00Z"));
  EXPECT_EQ(berlin.to_instant(local(2026, 7, 15, 12, 0)), at("2026-07-15T10:00:00Z"));
  EXPECT_EQ(berlin.to_local(at("2026-07-15T10:00:00Z")), local(2026, 7, 15, 12, 0));
  EXPECT_EQ(Zone{}.to_instant(local(2026, 7, 15, 12, 0)), at("2026-07-15T12:00:00Z"));
  EXPECT_EQ(Zone{}.to_local(at("2026-07-15T12:00:00Z")), local(2026, 7, 15, 12, 0));
  EXPECT_EQ(zone("Asia/Kolkata").to_instant(local(2026, 7, 15, 12, 0)), at("2026-07-15T06:30:00Z"));
}

TEST(Zone, WhereClocksChange) {
  const Zone berlin = zone("Europe/Berlin");
  // 29 March 2026, 02:00 to 03:00 does not occur: the jump.
  EXPECT_EQ(berlin.to_instant(local(2026, 3, 29, 2, 30)), at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(berlin.to_instant(local(2026, 3, 29, 3, 0)), at("2026-03-29T01:00:00Z"));
  // 25 October 2026, 02:00 to 03:00 occurs twice: the first.
  EXPECT_EQ(berlin.to_instant(local(2026, 10, 25, 2, 30)), at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(berlin.to_local(at("2026-10-25T01:30:00Z")), local(2026, 10, 25, 2, 30));
  // In Sao Paulo it was midnight that did not occur.
  const Zone sao_paulo = zone("America/Sao_Paulo");
  EXPECT_EQ(start_of_day(parse_date("2017-10-15").value(), sao_paulo), at("2017-10-15T03:00:00Z"));
  EXPECT_EQ(sao_paulo.to_local(at("2017-10-15T03:00:00Z")), local(2017, 10, 15, 1, 0));
}

TEST(Date, ParsesAndFormats) {
  EXPECT_EQ(format_date(parse_date("2026-10-05").value()), "2026-10-05");
  EXPECT_TRUE(parse_date("2024-02-29").ok());
  for (const char* bad :
       {"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-10-5", "05-10-2026", "2026-10-05T", "2026/10/05"}) {
    EXPECT_EQ(parse_date(bad).code(), Code::kInvalidArgument) << bad;
  }
}

TEST(Date, BelongsToAZone) {
  const Instant late = at("2026-10-05T23:30:00Z");
  EXPECT_EQ(format_date(date_of(late, Zone{})), "2026-10-05");
  EXPECT_EQ(format_date(date_of(late, zone("Europe/Berlin"))), "2026-10-06");
  EXPECT_EQ(format_date(date_of(late, zone("America/New_York"))), "2026-10-05");
  EXPECT_EQ(format_date(date_of(from_micros(-1), Zone{})), "1969-12-31");
  EXPECT_EQ(start_of_day(parse_date("2026-10-06").value(), zone("Europe/Berlin")), at("2026-10-05T22:00:00Z"));
}

}  // namespace
}  // namespace tandem
