// What is wrong with a commission plan's definition.
#pragma once

#include <optional>
#include <string>

#include "shared/base/result.h"
#include "tandem/incentives/v1/events.pb.h"

namespace tandem::incentives {

// Rates from 0 to 10 (1,000 %) with at most six decimals, factors from 0 to 100 with at most three: so that rate times
// factor is exact with nine. All violations at once, with paths like "definition.tiers[1].rate"; INVALID_ARGUMENT.
std::optional<Error> violations_of(const v1::PlanDefinition& definition);

// The same definition with its numbers written canonically ("0.060" is "0.06"), so that equal definitions are equal.
v1::PlanDefinition normalised(v1::PlanDefinition definition);

}  // namespace tandem::incentives
