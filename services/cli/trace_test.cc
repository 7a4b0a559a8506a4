#include "services/cli/trace.h"

#include <gtest/gtest.h>

#include <string>

#include "shared/base/commission_ids.h"

namespace tandem::cli {
namespace {

using incentives::v1::Entry;

Entry clawback_of(const std::string& reversal) {
  Entry entry;
  entry.set_entry(entry_id("ana/ae-2026", reversal, "ENTRY_KIND_CLAWBACK"));
  entry.set_kind(incentives::v1::ENTRY_KIND_CLAWBACK);
  entry.set_payee("ana");
  entry.set_plan("ae-2026");
  return entry;
}

TEST(Trace, AClawbackComesFromOneReversalOfTheDeal) {
  sales::v1::Opportunity deal;
  for (const char* id : {"reversal-1", "reversal-2", "reversal-3"}) deal.add_reversals()->set_reversal(id);
  EXPECT_EQ(reversal_of(clawback_of("reversal-2"), deal), &deal.reversals(1));
  EXPECT_EQ(reversal_of(clawback_of("reversal-4"), deal), nullptr);
}

TEST(Trace, ACarriedBalanceComesFromThePayoutOfItsStatement) {
  Entry entry;
  entry.set_entry("entry-1");
  entry.set_kind(incentives::v1::ENTRY_KIND_CARRIED_FORWARD);
  entry.set_payee("ana");
  entry.set_period("2026-10");
  entry.mutable_amount()->set_minor_units(-5'000);
  entry.mutable_amount()->set_currency("EUR");
  const ChainLink link = origin_of(entry);
  EXPECT_EQ(link.title, "PayoutMade");
  EXPECT_EQ(link.event_type, "tandem.incentives.v1.PayoutMade");
  EXPECT_EQ(link.subject, "ana/2026-10/EUR");
  EXPECT_EQ(link.key, "") << "the event does not hold the entry";
}

TEST(Trace, OtherEntriesComeFromTheirLedgersEvent) {
  EXPECT_EQ(origin_of(clawback_of("reversal-1")).event_type, "tandem.incentives.v1.CommissionClawedBack");
  Entry entry;
  entry.set_entry("entry-1");
  entry.set_kind(incentives::v1::ENTRY_KIND_TRUE_UP);
  EXPECT_EQ(origin_of(entry).event_type, "tandem.incentives.v1.CommissionEarned");
  EXPECT_EQ(origin_of(entry).key, "entry-1");
}

}  // namespace
}  // namespace tandem::cli
