#include "shared/base/ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace tandem {
namespace {

TEST(ManualClock, MovesOnlyWhenMoved) {
  ManualClock clock(from_micros(1'000));
  EXPECT_EQ(clock.now(), from_micros(1'000));
  clock.advance(std::chrono::milliseconds{2});
  EXPECT_EQ(clock.now(), from_micros(3'000));
  clock.set(from_micros(-5));
  EXPECT_EQ(clock.now(), from_micros(-5));
}

TEST(ManualClock, PutToAnotherTimeItLetsNoTimePass) {
  ManualClock clock(from_micros(1'000));
  const Tick before = clock.tick();
  clock.set(from_micros(-5));
  EXPECT_EQ(clock.tick(), before);
  clock.advance(std::chrono::milliseconds{2});
  EXPECT_EQ(clock.tick(), before + std::chrono::milliseconds{2});
}

TEST(SystemClock, TellsTheTime) {
  SystemClock clock;
  const auto before = std::chrono::system_clock::now() - std::chrono::microseconds{1};
  const Instant now = clock.now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(SystemClock, LetsTimePass) {
  SystemClock clock;
  const Tick before = clock.tick();
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
  EXPECT_GE(clock.tick() - before, std::chrono::milliseconds{1});
}

TEST(SeededChance, IsSplitmix64) {
  SeededChance chance(1234567);
  EXPECT_EQ(chance.next(), 0x599ed017fb08fc85ULL);
  EXPECT_EQ(chance.next(), 0x2c73f08458540fa5ULL);
  EXPECT_EQ(chance.next(), 0x883ebce5a3f27c77ULL);
  EXPECT_EQ(SeededChance(0).next(), 0xe220a8397b1dcdafULL);
}

TEST(SystemChance, DoesNotRepeatItself) {
  SystemChance chance;
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 1'000; ++i) drawn.insert(chance.next());
  EXPECT_EQ(drawn.size(), 1'000u);
}

TEST(Below, IsEvenAndWithinItsBound) {
  SeededChance chance(5);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(below(chance, 7));
  EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Gt(9'500), testing::Lt(10'500))));
  EXPECT_EQ(below(chance, 1), 0u);
}

// Gives what it is told to.
class FixedChance : public Chance {
 public:
  explicit FixedChance(std::vector<std::uint64_t> values) : values_(std::move(values)) {}
  std::uint64_t next() override { return values_.at(at_++); }

 private:
  std::vector<std::uint64_t> values_;
  std::size_t at_ = 0;
};

TEST(Below, DrawsAgainWhereItWouldBeUneven) {
  // 2^64 modulo 3 is 1: the draw 0 would make one of the three results likelier.
  FixedChance chance({0, 4});
  EXPECT_EQ(below(chance, 3), 1u);
}

TEST(FreshToken, IsSixteenHexadecimalCharacters) {
  FixedChance chance({0x0123456789abcdefULL, 0});
  EXPECT_EQ(fresh_token(chance), "0123456789abcdef");
  EXPECT_EQ(fresh_token(chance), "0000000000000000");
}

TEST(BelowDeathTest, NeedsABound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  SeededChance chance(1);
  EXPECT_DEATH(below(chance, 0), "bound of 0");
}

}  // namespace
}  // namespace tandem
