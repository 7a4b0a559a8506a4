// What a reversed deal takes back from a payee, by the policy "reverse at the original rate": the
// reversed part of the deal's credit takes the same part of what the deal still has of its commission, its share of
// true-ups included. The period in which the deal was won has less credit from then on, which counts for deals still to
// come; what other deals earned is untouched, though they may have been paid at a rate that the period would not reach
// now.
//
// Never more than was earned goes back: parts are of what is left, and the last part takes all that is left. The entry
// belongs to the deal's period: it nets the earning on a statement that is still open, and goes to the next open one if
// that is closed.
#pragma once

#include "shared/aggregate/context.h"
#include "shared/aggregate/decision.h"
#include "tandem/incentives/v1/commands.pb.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::incentives {

// CommissionClawedBack; nothing for a reversal that was applied, or that finds nothing left. FAILED_PRECONDITION for a
// deal that earned nothing here (its Earn is still to come), more credit than is left, another currency.
Decision claw_back(const v1::Ledger& ledger, const v1::ClawBack& command, const Context& context);

}  // namespace tandem::incentives
