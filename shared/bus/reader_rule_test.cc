#include "shared/bus/reader_rule.h"

#include <gtest/gtest.h>

namespace tandem::bus {
namespace {

TEST(ReaderRule, AcceptsNumbersInOrder) {
  Cursor cursor;
  EXPECT_EQ(judge_event(cursor, 0, 1, 1), Verdict::kAccept);
  EXPECT_EQ(judge_event(cursor, 1, 1, 2), Verdict::kAccept);
  EXPECT_EQ(cursor, (Cursor{2, 1, 2}));
}

TEST(ReaderRule, IgnoresWhatWasWrittenTwice) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_event(cursor, 7, 1, 4), Verdict::kRepetition);
  EXPECT_EQ(judge_event(cursor, 8, 1, 5), Verdict::kRepetition);
  EXPECT_EQ(cursor, (Cursor{9, 1, 5}));
  EXPECT_EQ(judge_event(cursor, 9, 1, 6), Verdict::kAccept);
}

TEST(ReaderRule, IgnoresWhatLiesBeforeTheCursor) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_event(cursor, 6, 1, 6), Verdict::kRepetition);
  EXPECT_EQ(judge_fence(cursor, 6, 1), Verdict::kRepetition);
  EXPECT_EQ(cursor, (Cursor{7, 1, 5}));
}

TEST(ReaderRule, AGapDoesNotMoveTheCursor) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_event(cursor, 7, 1, 7), Verdict::kGap);
  EXPECT_EQ(cursor, (Cursor{7, 1, 5}));
}

TEST(ReaderRule, TheFirstEventOfALogIsNumberOneOfGenerationOne) {
  Cursor late;
  EXPECT_EQ(judge_event(late, 0, 1, 2), Verdict::kGap);
  Cursor other;
  EXPECT_EQ(judge_event(other, 0, 2, 1), Verdict::kGap);
}

TEST(ReaderRule, AFenceThatEndsTheGenerationInForceCounts) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_fence(cursor, 7, 1), Verdict::kFence);
  EXPECT_EQ(cursor, (Cursor{8, 8, 5}));
  EXPECT_EQ(judge_event(cursor, 8, 1, 6), Verdict::kOlderGeneration) << "a relay that woke up late";
  EXPECT_EQ(judge_event(cursor, 9, 8, 6), Verdict::kAccept) << "numbers go on across fences";
}

TEST(ReaderRule, AFenceThatEndsAnotherGenerationDoesNotCount) {
  Cursor cursor{7, 4, 5};
  EXPECT_EQ(judge_fence(cursor, 7, 1), Verdict::kFenceWithoutForce);
  EXPECT_EQ(judge_fence(cursor, 8, 9), Verdict::kFenceWithoutForce);
  EXPECT_EQ(cursor, (Cursor{9, 4, 5}));
  EXPECT_EQ(judge_event(cursor, 9, 4, 6), Verdict::kAccept);
}

TEST(ReaderRule, OfTwoFencesThatEndTheSameGenerationTheFirstCounts) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_fence(cursor, 7, 1), Verdict::kFence);
  EXPECT_EQ(judge_fence(cursor, 8, 1), Verdict::kFenceWithoutForce);
  EXPECT_EQ(cursor.generation, 8u);
}

TEST(ReaderRule, AFenceMayBeTheLogsFirstRecord) {
  Cursor cursor;
  EXPECT_EQ(judge_fence(cursor, 0, 0), Verdict::kFence);
  EXPECT_EQ(judge_event(cursor, 1, 1, 1), Verdict::kAccept);
}

TEST(ReaderRule, ANewerGenerationWithoutItsFenceIsAGap) {
  Cursor cursor{7, 1, 5};
  EXPECT_EQ(judge_event(cursor, 7, 6, 6), Verdict::kGap);
}

// W15 of the model: whoever starts behind a fence must know the generation that it began.
TEST(ReaderRule, StartingFromAPlaceKeepsVoidEventsOut) {
  Cursor place{2, 2, 0};
  EXPECT_EQ(judge_event(place, 2, 1, 1), Verdict::kOlderGeneration);
  EXPECT_EQ(judge_event(place, 3, 2, 1), Verdict::kAccept);
}

TEST(LooseCursor, TakesNumberAndGenerationFromTheFirstEventAndIsStrictThen) {
  LooseCursor cursor = LooseCursor::at(40);
  EXPECT_EQ(cursor.fence(40, 1), Verdict::kFenceWithoutForce);
  EXPECT_EQ(cursor.event(41, 41, 17), Verdict::kAccept);
  EXPECT_EQ(cursor.event(42, 41, 17), Verdict::kRepetition);
  EXPECT_EQ(cursor.event(43, 41, 19), Verdict::kGap);
}

TEST(LooseCursor, IsStrictFromTheBeginning) {
  LooseCursor cursor{Cursor{}};
  EXPECT_EQ(cursor.event(0, 1, 3), Verdict::kGap);
}

TEST(LeastPlace, IsTheLeastOffsetOfAllTargetShards) {
  const Source source{"sales", 3};
  const std::vector<std::vector<Place>> places = {{{source, 12, 1, 11}, {{"crm", 3}, 1, 1, 1}},
                                                  {{source, 9, 1, 8}},
                                                  {{{"sales", 2}, 4, 1, 4}, {source, 30, 1, 29}}};
  EXPECT_EQ(least_place(source, places), (Cursor{9, 1, 8}));
}

TEST(LeastPlace, IsTheBeginningWhereATargetShardHasNotedNothing) {
  const Source source{"sales", 3};
  const std::vector<std::vector<Place>> places = {{{source, 12, 1, 11}}, {}};
  EXPECT_EQ(least_place(source, places), Cursor{});
  EXPECT_EQ(least_place(source, {}), Cursor{});
}

}  // namespace
}  // namespace tandem::bus
