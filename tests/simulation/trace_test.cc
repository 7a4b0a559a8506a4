#include "tests/simulation/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::simulation {
namespace {

using Kind = TraceLine::Kind;
using testing::ElementsAre;

TEST(TraceTest, AnExcerptIsAboutWhatTheViolationNames) {
  const std::vector<TraceLine> trace = {
      {Kind::kWork, 1, 10, 0,
       "sales/1: event 7, sales-1-00ff, tandem.sales.v1.DealWon of opportunity/opportunity-3 by r"},
      {Kind::kWork, 2, 11, 0,
       "sales/1: event 8, sales-1-00fe, tandem.sales.v1.DealWon of opportunity/opportunity-33 by r"},
      {Kind::kWork, 3, 12, 0, "sales/11: event 1, sales-11-00ff1, tandem.sales.v1.TeamDefined of team/north by r"},
      {Kind::kFault, 4, 13, 0, "redis of sales is empty"},
      {Kind::kFault, 5, 14, 0, "redis of crm is empty"},
      {Kind::kRecovery, 6, 15, 0, "sales.3.1 healed sales/1: generation 3, 7 events folded"},
      {Kind::kHappens, 7, 16, 0, "ALARM sales.3.1: it is so"},
  };
  const auto lines = [&](std::vector<size_t> which) {
    std::vector<std::string> texts;
    for (const size_t i : which) texts.push_back(to_text(trace[i]));
    return texts;
  };
  const auto about = [&](const std::string& violation, size_t most) { return excerpt(trace, violation, most); };
  EXPECT_EQ(about("sales/1 opportunity/opportunity-3 is not the fold of its events", 40), lines({0, 3, 5}));
  EXPECT_EQ(about("sales/1 marks are not the fold of its events", 40), lines({0, 1, 3, 5}));
  EXPECT_EQ(about("sales.3.1: DATA_LOSS: Events are missing in tandem.sales.events[11]: event 1 of", 40),
            lines({2, 3, 5, 6}));
  EXPECT_EQ(about("request-16 was acknowledged as STORED and its event sales-11-00ff1 is lost", 2), lines({2, 5}));
  EXPECT_EQ(about("it does not come to rest", 2), lines({5, 6}));
}

TEST(TraceTest, ALineComesWithThePausesThatItIsIn) {
  const std::vector<TraceLine> trace = {
      {Kind::kPause, 1, 10, 0, "crm.0.0 waits before commit"},
      {Kind::kPause, 1, 10, 0, "crm.0.0 goes on"},
      {Kind::kPause, 2, 10, 0, "crm.0.0 waits after load"},
      {Kind::kPause, 3, 10, 1, "crm.1.0 waits after trim"},
      {Kind::kWork, 4, 10, 2, "crm/0: nothing to do for customer/customer-1 by request-5"},
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
    const Kind kind = depth < 3 ? Kind::kPause : i % 8 == 3 ? Kind::kWork : Kind::kFault;
    trace.push_back({kind, i, 0, depth, i % 8 == 3 ? "crm/0: event of customer/customer-1" : "redis of crm restarts"});
  }
  const auto lines = excerpt(trace, "crm/0 customer/customer-1 is not the fold of its events", 40);
  EXPECT_LE(lines.size(), 40u);
  EXPECT_GE(lines.size(), 36u);
  EXPECT_EQ(lines.back(), to_text(trace.back()));
}

}  // namespace
}  // namespace tandem::simulation
