#include "services/cli/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> latest_of(const std::vector<std::string>& periods) {
  std::vector<incentives::v1::Statement> statements;
  for (const std::string& period : periods) statements.emplace_back().set_period(period);
  keep_latest(statements);
  std::vector<std::string> kept;
  for (const auto& statement : statements) kept.push_back(statement.period());
  return kept;
}

TEST(Statements, TheLatestIsThatWhosePeriodEndsLast) {
  EXPECT_THAT(latest_of({"2026-Q1", "2026-12", "2026-11"}), ElementsAre("2026-12"));
  EXPECT_THAT(latest_of({"2026-Q4", "2026-11", "2026-10"}), ElementsAre("2026-Q4"));
  EXPECT_THAT(latest_of({"2027-01", "2026-Q4"}), ElementsAre("2027-01"));
}

TEST(Statements, SeveralMayEndTogether) {
  EXPECT_THAT(latest_of({"2026-Q4", "2026-12", "2026-12", "2026-11"}), ElementsAre("2026-Q4", "2026-12", "2026-12"));
  EXPECT_THAT(latest_of({}), ElementsAre());
}

}  // namespace
}  // namespace tandem::cli
