// The small parts of the store that need no server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/store/backoff.h"
#include "shared/store/encoding.h"
#include "shared/store/health.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_greeting.h"

namespace tandem::store {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, DoublesUpToTheLimitWithJitter) {
  SeededChance chance(1);
  Backoff backoff(milliseconds(10), milliseconds(100), chance);
  for (int step : {10, 20, 40, 80, 100, 100}) {
    auto wait = backoff.next();
    EXPECT_GE(wait, milliseconds(step) / 2);
    EXPECT_LE(wait, milliseconds(step));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(10));
}

TEST(BackoffTest, TwoReplicasWaitDifferently) {
  SeededChance one(1), two(2);
  Backoff a(milliseconds(1000), milliseconds(1000), one), b(milliseconds(1000), milliseconds(1000), two);
  EXPECT_NE(a.next(), b.next());
}

TEST(EncodingTest, ReadsWhatItWrites) {
  Source source{"sales/north", 11};
  EXPECT_EQ(parse_source(source_name(source)), source);
  EXPECT_EQ(parse_mark(mark_text({UINT64_MAX, 7})), (MarkValue{UINT64_MAX, 7}));
  Place place{source, 1, 2, UINT64_MAX};
  EXPECT_EQ(parse_place(source_name(source), place_text(place)), place);
  TimerKey timer{{"lead", "a b"}, "expire"};
  EXPECT_EQ(parse_timer_member(timer_member(timer)), timer);
  EXPECT_EQ(parse_index_member(index_member("", "id")), (IndexEntry{"", "id"}));
}

TEST(EncodingTest, RefusesWhatIsNotOne) {
  EXPECT_FALSE(parse_source("sales"));
  EXPECT_FALSE(parse_source("sales/x"));
  EXPECT_FALSE(parse_source("sales/4294967296"));
  EXPECT_FALSE(parse_mark("7"));
  EXPECT_FALSE(parse_mark("7,"));
  EXPECT_FALSE(parse_number("18446744073709551616"));
  EXPECT_FALSE(parse_place("sales/1", "1,2"));
  EXPECT_FALSE(parse_reply("1:9:short"));
}

TEST(EncodingTest, AReplyMayHoldAnything) {
  Commit commit;
  commit.fingerprint = std::string("a:\0b", 4);
  commit.reply = std::string("\n:7:", 4);
  EXPECT_EQ(parse_reply("42:" + reply_text(commit)), (Reply{commit.fingerprint, commit.reply, 42}));
}

TEST(EncodingTest, ATimerNeverFiresEarly) {
  EXPECT_EQ(timer_score(from_micros(1'790'000'000'123'457)), 1'790'000'000'123'457);
  int64_t far = (int64_t{1} << 57) + 1;  // a double can not hold it
  EXPECT_GT(timer_score(from_micros(far)), far);
  EXPECT_EQ(parse_score("1.7900000001234570e+15"), 1'790'000'000'123'457);
  EXPECT_FALSE(parse_score("soon"));
}

TEST(EncodingTest, TheLastWordCounts) {
  std::vector<IndexChange> changes = {{"i", "o", "id", true}, {"i", "o", "id", false}};
  EXPECT_FALSE(index_edits(changes)["i"][index_member("o", "id")]);
}

TEST(RedisCommandTest, SendsBytesWithTheirLength) {
  EXPECT_EQ(RedisCommand("SET").add("k\r\n").add(uint64_t{7}).text(), "*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$1\r\n7\r\n");
}

TEST(HealthTest, SaysWhatIsWrong) {
  std::string good =
      "# Server\r\nredis_version:7.0.15\r\nused_memory:50\r\nused_memory_human:50B\r\nmaxmemory:1000\r\n"
      "maxmemory_policy:noeviction\r\nrole:master\r\n"
      "aof_enabled:1\r\naof_last_write_status:ok\r\naof_last_bgrewrite_status:ok\r\n";
  RedisHealth health = parse_health("here", good, "always");
  EXPECT_THAT(health.problems, ::testing::IsEmpty());
  EXPECT_EQ(health.used_memory, 50U);
  EXPECT_EQ(health.version, "7.0.15");
  EXPECT_THAT(parse_health("here", good, "everysec").problems,
              ::testing::ElementsAre(::testing::HasSubstr("everysec")));
  std::string forgetful = good;
  forgetful.replace(forgetful.find("noeviction"), 10, "volatile-lru");
  EXPECT_THAT(parse_health("here", forgetful, "always").problems,
              ::testing::ElementsAre(::testing::HasSubstr("volatile-lru")));
  std::string full = good;
  full.replace(full.find("used_memory:50"), 14, "used_memory:901");
  full.replace(full.find("write_status:ok"), 15, "write_status:err");
  EXPECT_THAT(parse_health("here", full, "always").problems,
              ::testing::ElementsAre(::testing::HasSubstr("disk"), ::testing::HasSubstr("memory")));
}

TEST(GreetingTest, FindsAFieldOfInfo) {
  EXPECT_EQ(info_field("# a\r\nxrun_id:1\r\nrun_id:2\r\n", "run_id"), "2");
  EXPECT_EQ(info_field("run_id:2", "run_id"), "2");
  EXPECT_EQ(info_field("", "run_id"), "");
}

}  // namespace
}  // namespace tandem::store
