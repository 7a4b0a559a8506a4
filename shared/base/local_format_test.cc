#include <gtest/gtest.h>

#include "shared/base/time_testing.h"

namespace tandem {
namespace {

Instant utc(std::string_view text, std::string_view format) { return parse_local(text, format, Zone{}).value(); }

TEST(ParseLocal, ReadsWhatOtherSystemsWrite) {
  EXPECT_EQ(utc("26-02-2018 19:58", "%d-%m-%Y %H:%M"), at("2018-02-26T19:58:00Z"));
  EXPECT_EQ(utc("01-02-2018", "%d-%m-%Y"), at("2018-02-01T00:00:00Z"));
  EXPECT_EQ(utc("1/2/2018", "%d/%m/%Y"), at("2018-02-01T00:00:00Z"));
  EXPECT_EQ(utc("2018-02-01T10:11:12.5", "%Y-%m-%dT%H:%M:%S"), at("2018-02-01T10:11:12.500Z"));
  EXPECT_EQ(utc("20180201", "%Y%m%d"), at("2018-02-01T00:00:00Z"));
  EXPECT_EQ(utc("3 Feb 18", "%d %b %y"), at("2018-02-03T00:00:00Z"));
  EXPECT_EQ(utc("September 3,  1999", "%b %d, %Y"), at("1999-09-03T00:00:00Z"));
  EXPECT_EQ(utc("may 3 70", "%b %d %y"), at("1970-05-03T00:00:00Z"));
  EXPECT_EQ(utc("100% 3.5.2018", "100%% %d.%m.%Y"), at("2018-05-03T00:00:00Z"));
}

TEST(ParseLocal, TwelveHours) {
  const char* format = "%m/%d/%Y %I:%M %p";
  EXPECT_EQ(utc("2/1/2018 12:05 AM", format), at("2018-02-01T00:05:00Z"));
  EXPECT_EQ(utc("2/1/2018 12:05 pm", format), at("2018-02-01T12:05:00Z"));
  EXPECT_EQ(utc("2/1/2018 7:05 PM", format), at("2018-02-01T19:05:00Z"));
}

TEST(ParseLocal, UsesTheZoneUnlessTheTextHasAnOffset) {
  const Zone sao_paulo = find_zone("America/Sao_Paulo").value();
  EXPECT_EQ(parse_local("26-02-2018 19:58", "%d-%m-%Y %H:%M", sao_paulo).value(), at("2018-02-26T22:58:00Z"));
  // Midnight that clocks jumped over: the day starts at one o'clock.
  EXPECT_EQ(parse_local("15-10-2017", "%d-%m-%Y", sao_paulo).value(), at("2017-10-15T03:00:00Z"));
  // 23:30 that happened twice: the first.
  EXPECT_EQ(parse_local("17-02-2018 23:30", "%d-%m-%Y %H:%M", sao_paulo).value(), at("2018-02-18T01:30:00Z"));
  for (const char* text :
       {"2018-02-01 10:00 +02:00", "2018-02-01 10:00 +0200", "2018-02-01 08:00 Z", "2018-02-01 03:00 -05:00"}) {
    EXPECT_EQ(parse_local(text, "%Y-%m-%d %H:%M %z", sao_paulo).value(), at("2018-02-01T08:00:00Z")) << text;
  }
}

TEST(ParseLocal, RefusesWhatDoesNotMatch) {
  for (const char* bad :
       {"", "26-02-2018", "26-02-2018 19:58:00", "02-26-2018 19:58", "30-02-2018 10:00", "26-02-18 19:58",
        "26/02/2018 19:58", "26-02-2018T19:58", "26-02-2018 24:00", "26-02-2018 19:60", " 26-02-2018 19:58",
        "a-02-2018 19:58", "00-02-2018 19:58", "126-02-2018 19:58"}) {
    const auto result = parse_local(bad, "%d-%m-%Y %H:%M", Zone{});
    ASSERT_EQ(result.code(), Code::kInvalidArgument) << bad;
    EXPECT_EQ(result.error().violations.front().field, "date");
    EXPECT_EQ(result.error().violations.front().remedy, "write it like %d-%m-%Y %H:%M");
  }
  EXPECT_FALSE(parse_local("3 Xyz 2018", "%d %b %Y", Zone{}).ok());
  EXPECT_FALSE(parse_local("1/2/2018 13:00 PM", "%d/%m/%Y %I:%M %p", Zone{}).ok());
  EXPECT_FALSE(parse_local("1/2/2018 1:00 XM", "%d/%m/%Y %I:%M %p", Zone{}).ok());
  EXPECT_FALSE(parse_local("1/2/2018 +2:00", "%d/%m/%Y %z", Zone{}).ok());
}

TEST(ParseLocal, RefusesFormatsThatWouldGuess) {
  for (const char* bad :
       {"", "%d-%m", "%Y-%m", "%H:%M", "%d-%m-%Q %Y", "%d-%m-%Y %", "%d-%m-%Y %I:%M", "%d-%m-%Y %H %p"}) {
    const auto result = parse_local("01-02-2018", bad, Zone{});
    ASSERT_EQ(result.code(), Code::kInvalidArgument) << bad;
    EXPECT_EQ(result.error().violations.front().field, "date_format") << bad;
  }
}

}  // namespace
}  // namespace tandem
