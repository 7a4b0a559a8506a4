#include "services/sales/eligibility.h"

#include <gtest/gtest.h>

#include "services/sales/sales_testing.h"

namespace tandem::sales {
namespace {

using std::chrono_literals::operator""min;

using namespace testing;  // NOLINT: the words of the specs

const Instant kWednesdayNoon = moment("2026-10-07T10:00:00Z");  // 12:00 in Berlin

Ids ids(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

TEST(Eligibility, PresenceNamesTheFirstReason) {
  EXPECT_TRUE(presence(member("ana"), kWednesdayNoon).there) << "no hours: always";
  EXPECT_TRUE(presence(office(member("ana")), kWednesdayNoon).there);
  EXPECT_EQ(presence(office(member("ana"), 13, 18), kWednesdayNoon).verdict, "outside working hours");
  auto away = on_leave(office(member("ana"), 13, 18), "2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z");
  EXPECT_EQ(presence(away, kWednesdayNoon).verdict, "on leave");
  *away.mutable_left_at() = timestamp("2026-10-07T10:00:00Z");
  EXPECT_EQ(presence(away, kWednesdayNoon).verdict, "left");
  *away.mutable_left_at() = timestamp("2026-10-07T10:00:01Z");
  EXPECT_EQ(presence(away, kWednesdayNoon).verdict, "on leave") << "they leave later";
}

TEST(Eligibility, ThereFromIsTheEndOfWhateverKeepsThem) {
  const auto ana = office(member("ana"));
  EXPECT_EQ(there_from(ana, kWednesdayNoon), kWednesdayNoon);
  EXPECT_EQ(there_from(ana, moment("2026-10-07T20:00:00Z")), moment("2026-10-08T08:00:00Z"));
  const auto away = on_leave(ana, "2026-10-07T00:00:00Z", "2026-10-12T00:00:00Z");
  EXPECT_EQ(there_from(away, kWednesdayNoon), moment("2026-10-12T08:00:00Z"));
  EXPECT_EQ(there_from(on_leave(ana, "2026-10-07T00:00:00Z", ""), kWednesdayNoon), std::nullopt);
  auto leaving = away;
  *leaving.mutable_left_at() = timestamp("2026-10-12T00:00:00Z");
  EXPECT_EQ(there_from(leaving, kWednesdayNoon), std::nullopt) << "gone before they are back";
}

TEST(Eligibility, CapacityCountsWhatIsOpen) {
  EXPECT_EQ(capacity_verdict(member("ana", 1, 20), 19), "");
  EXPECT_EQ(capacity_verdict(member("ana", 1, 20), 20), "at capacity 20 of 20");
  EXPECT_EQ(capacity_verdict(member("ana", 1, 20), 21), "at capacity 21 of 20");
  EXPECT_EQ(capacity_verdict(member("ana", 1, 0), 1'000'000), "") << "0 is no limit";
}

TEST(Eligibility, MisfitNamesTheFirstRule) {
  const auto ana = speaking(covering(member("ana"), "DE"), "english");
  EXPECT_EQ(misfit(ana, lead("l", "DE", "english"), {}), "");
  EXPECT_EQ(misfit(ana, lead("l"), {}), "") << "a lead that asks nothing";
  EXPECT_EQ(misfit(ana, lead("l", "FR", "french"), ids({"ana"})), "territory FR not covered");
  EXPECT_EQ(misfit(ana, lead("l", "DE", "french"), ids({"ana"})), "skill french missing");
  EXPECT_EQ(misfit(ana, lead("l", "DE"), ids({"ben", "ana"})), "had it before");
  EXPECT_EQ(misfit(member("ana", 0), lead("l", "DE"), {}), "weight 0");
  EXPECT_EQ(misfit(member("ana"), lead("l", "DE"), {}), "") << "no territories: everywhere";
}

TEST(Eligibility, NobodyEverLooksAtWhatTimeDoesNotChange) {
  const auto team = team_of({covering(office(member("ana")), "DE"), covering(member("ben"), "FR")});
  const Instant night = moment("2026-10-07T22:00:00Z");
  EXPECT_FALSE(nobody_ever(team, lead("l", "DE"), {}, night)) << "ana is back tomorrow";
  EXPECT_TRUE(nobody_ever(team, lead("l", "DE"), ids({"ana"}), night));
  EXPECT_TRUE(nobody_ever(team, lead("l", "US"), {}, night));
  EXPECT_TRUE(nobody_ever(team_of({}), lead("l"), {}, night));
  EXPECT_TRUE(nobody_ever(team_of({member("ana", 0)}), lead("l"), {}, night));
}

// 10 to 18, Monday to Friday, ten hours.
TEST(Eligibility, DeadlinesAreInWorkingTime) {
  const auto ana = office(member("ana"));
  EXPECT_EQ(working_deadline(ana, moment("2026-10-07T13:00:00Z"), 600min), moment("2026-10-08T15:00:00Z"));
  EXPECT_EQ(working_deadline(ana, moment("2026-10-07T18:00:00Z"), 600min), moment("2026-10-09T10:00:00Z"));
  EXPECT_EQ(working_deadline(member("ana"), kWednesdayNoon, 90min), moment("2026-10-07T11:30:00Z"))
      << "no hours: always";
  const auto gone = on_leave(ana, "2026-10-07T00:00:00Z", "");
  EXPECT_EQ(working_deadline(gone, kWednesdayNoon, 30min), moment("2026-10-07T10:30:00Z")) << "by the clock";
}

}  // namespace
}  // namespace tandem::sales
