// The methods of IncentivesService: which aggregate decides, what is read.
#pragma once

#include "shared/aggregate/api.h"

namespace tandem::incentives {

Api api();

}  // namespace tandem::incentives
