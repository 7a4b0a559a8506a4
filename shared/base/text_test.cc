#include "shared/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tandem {
namespace {

using testing::ElementsAre;

TEST(Text, Trims) {
  EXPECT_EQ(trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(trim("   "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, ChangesTheCaseOfAsciiOnly) {
  EXPECT_EQ(to_lower("AbZ-É9"), "abz-É9");
  EXPECT_EQ(to_upper("abz@é"), "ABZ@é");
}

TEST(Text, SplitsAndJoins) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split(",", ','), ElementsAre("", ""));
  EXPECT_EQ(join(split("a,b,c", ','), " and "), "a and b and c");
  EXPECT_EQ(join({}, ","), "");
}

TEST(Text, ReadsIntegers) {
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "a"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
}

TEST(EditDistance, CountsChanges) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("weihgt", "weight"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(NearestName, FindsTheLikeliest) {
  const std::vector<std::string> products{"Pro Line", "Pro Line Plus", "Basic"};
  EXPECT_EQ(nearest_name("ProLine", products), "Pro Line");
  EXPECT_EQ(nearest_name("pro line plsu", products), "Pro Line Plus");
  EXPECT_EQ(nearest_name("BASIC", products), "Basic");
  EXPECT_EQ(nearest_name("Enterprise", products), std::nullopt);
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{"a", "b"}), std::nullopt);
  EXPECT_EQ(nearest_name("", products), std::nullopt);
  EXPECT_EQ(nearest_name("x", {}), std::nullopt);
  EXPECT_EQ(nearest_name("ab", std::vector<std::string>{"aa", "bb"}), "aa");
}

TEST(DidYouMean, NamesOneOrAll) {
  const std::vector<std::string> keys{"weight", "capacity"};
  EXPECT_EQ(did_you_mean("wieght", keys), "did you mean \"weight\"?");
  EXPECT_EQ(did_you_mean("zzzzzz", keys), "known are: weight, capacity");
  EXPECT_EQ(did_you_mean("zzzzzz", {}), "");
  const std::vector<std::string> many{"aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj"};
  EXPECT_EQ(did_you_mean("zzzzzz", many), "known are: aa, ab, ac, ad, ae, af, ag, ah, and 2 more");
}

TEST(Slug, HasLettersDigitsAndThreeSigns) {
  for (const char* good : {"a", "ae-2026", "Inside_2.0", "7"}) EXPECT_TRUE(is_slug(good)) << good;
  for (const char* bad : {"", "ana/ae", "a b", "a:b", "é", "a\n"}) EXPECT_FALSE(is_slug(bad)) << bad;
}

TEST(Utf8, KnowsWhatIsWellFormed) {
  for (const char* good :
       {"", "abc", "é", "€", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(utf8_valid(good)) << good;
  }
  EXPECT_TRUE(utf8_valid(std::string_view("a\0b", 3)));
  for (const char* bad : {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "caf\xE9", "\xE9t\xE9"}) {
    EXPECT_FALSE(utf8_valid(bad));
  }
}

TEST(Latin1, BecomesUtf8) {
  EXPECT_EQ(latin1_to_utf8("caf\xE9 \xDF"), "café ß");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_TRUE(utf8_valid(latin1_to_utf8(all)));
  EXPECT_EQ(latin1_to_utf8(all).size(), 128u + 2 * 128u);
  EXPECT_EQ(utf8_to_latin1(latin1_to_utf8(all)), all);
}

TEST(Latin1, HasNoLetterForMostOfUtf8) {
  EXPECT_EQ(utf8_to_latin1("Zoë, Łódź 5 €"),
            "Zo\xEB, ?\xF3"
            "d? 5 ?");
  EXPECT_EQ(utf8_to_latin1("\xFFx\xC3"), "?x?");
}

}  // namespace
}  // namespace tandem
