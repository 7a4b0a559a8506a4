// What incentives does about won and reversed deals, and about its own events.
#pragma once

#include "shared/aggregate/reactions.h"

namespace tandem::incentives {

Reactions reactions();

}  // namespace tandem::incentives
