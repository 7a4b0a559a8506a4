#include "tests/simulation/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::simulation {
namespace {

using Kind = TraceLine::Kind;
using testing::ElementsAre;
using testing::SizeIs;

TEST(TraceTest, AnExcerptIsAboutWhatTheViolationNames) {
  const std::vector<TraceLine> trace = {
      {Kind::kHappens, 1, 10, 0,
       "sales/1: event 7, sales-1-00ff, tandem.sales.v1.DealWon of opportunity/opportunity-3 by r"},
      {Kind::kHappens, 2, 11, 0,
       "sales/1: event 8, sales-1-00fe, tandem.sales.v1.DealWon of opportunity/opportunity-33 by r"},
      {Kind::kHappens, 3, 12, 0, "sales/11: event 1, sales-11-00ff1, tandem.sales.v1.TeamDefined of team/north by r"},
      {Kind::kFault, 4, 13, 0, "redis of sales is empty"},
      {Kind::kFault, 5, 14, 0, "redis of crm is empty"},
      {Kind::kFault, 6, 15, 0, "a pause of sales longer than the lease"},
      {Kind::kHappens, 7, 16, 0, "start sales.3.1"},
  };
  EXPECT_THAT(excerpt(trace, "sales/1 opportunity/opportunity-3 is not the fold of its events", 40),
              ElementsAre(to_text(trace[0]), to_text(trace[1]), to_text(trace[3]), to_text(trace[5])));
  EXPECT_THAT(excerpt(trace, "sales.3.1: DATA_LOSS: Events are missing in tandem.sales.events[11]: event 1 of", 40),
              ElementsAre(to_text(trace[2]), to_text(trace[3]), to_text(trace[5]), to_text(trace[6])));
  EXPECT_THAT(excerpt(trace, "request-16 was acknowledged as STORED and its event sales-11-00ff1 is lost", 2),
              ElementsAre(to_text(trace[2]), to_text(trace[5])));
  EXPECT_THAT(excerpt(trace, "it does not come to rest", 2), ElementsAre(to_text(trace[5]), to_text(trace[6])));
}

TEST(TraceTest, ALineComesWithThePausesThatItIsIn) {
  const std::vector<TraceLine> trace = {
      {Kind::kPause, 1, 10, 0, "crm.0.0 waits before commit"},
      {Kind::kPause, 1, 10, 0, "crm.0.0 goes on"},
      {Kind::kPause, 2, 10, 0, "crm.0.0 waits after load"},
      {Kind::kPause, 3, 10, 1, "crm.1.0 waits after trim"},
      {Kind::kHappens, 4, 10, 2, "crm/0: nothing to do for customer/customer-1 by request-5"},
      {Kind::kPause, 5, 10, 1, "crm.1.0 goes on"},
      {Kind::kPause, 5, 10, 0, "crm.0.0 goes on"},
  };
  EXPECT_THAT(excerpt(trace, "request-5 has two events", 40),
              ElementsAre(to_text(trace[2]), to_text(trace[3]), to_text(trace[4])));
}

TEST(TraceTest, AnExcerptIsNoLongerThanItMayBe) {
  std::vector<TraceLine> trace;
  for (uint64_t i = 0; i < 500; i++) {
    const int depth = static_cast<int>(i % 4);
    const Kind kind = depth < 3 ? Kind::kPause : i % 8 == 3 ? Kind::kHappens : Kind::kFault;
    trace.push_back({kind, i, 0, depth, i % 8 == 3 ? "crm/0: event of customer/customer-1" : "redis of crm restarts"});
  }
  const auto lines = excerpt(trace, "crm/0 customer/customer-1 is not the fold of its events", 40);
  EXPECT_LE(lines.size(), 40u);
  EXPECT_GE(lines.size(), 36u);
  EXPECT_EQ(lines.back(), to_text(trace.back()));
}

}  // namespace
}  // namespace tandem::simulation
