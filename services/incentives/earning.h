// What a won deal earns a payee: the plan's version of its date, tiers on the period's total, factor, true-ups and cap.
#pragma once

#include "shared/aggregate/context.h"
#include "shared/base/result.h"
#include "tandem/incentives/v1/commands.pb.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::incentives {

// The period's value is rounded once, as a running sum: an amount is what the rounded sum grows by, so that totals are
// right to the cent whatever the order. The cap is on what a period earns, true-ups included and clawbacks aside (what
// is clawed back makes no new room under it); it cuts in the order of the entries.
//
// A true-up pays every earlier deal of the period whose own plan version has reached another retroactive tier, on the
// credit that it still has. Each deal remembers the tier that pays it, so that a period that falls below a threshold by
// a reversal and reaches it again pays nothing twice.
//
// FAILED_PRECONDITION if the plan does not fit (no version then, kind, currency, no quota); OUT_OF_RANGE.
Result<v1::CommissionEarned> earn(const v1::Ledger& ledger, const v1::Earn& command, const v1::Plan& plan,
                                  const Context& context);

}  // namespace tandem::incentives
