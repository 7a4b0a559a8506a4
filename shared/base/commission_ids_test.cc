#include "shared/base/commission_ids.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(CommissionIds, AreStoredAndStayAsTheyAre) {
  EXPECT_EQ(ledger_id("ana", "ae-2026"), "ana/ae-2026");
  EXPECT_EQ(statement_id("ana", "2026-10", "EUR"), "ana/2026-10/EUR");
  EXPECT_EQ(entry_id("ana/ae-2026", "reversal-1", "ENTRY_KIND_CLAWBACK"), "entry-tkea9yaxgav0hsfv9ptm");
}

}  // namespace
}  // namespace tandem
