// What a payee has to reach in a period, where it begins within one in part.
//
// A quota q that begins on a day of the period counts there as q * part / whole: by days or calendar months that are
// left, the first one included (DOMAIN 1.5). Thresholds that are amounts are prorated alike, per cent of the quota
// follow it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/time.h"
#include "tandem/incentives/v1/events.pb.h"

namespace tandem::incentives {

struct PeriodQuota {
  std::optional<std::int64_t> amount{};  // minor units, prorated, half up; none = has no quota
  std::int64_t part = 1;                 // days or months that count, of
  std::int64_t whole = 1;
};

// A payee's quota in a period of a valid plan: their own, once it has begun, else everyone's, else none.
PeriodQuota quota_of(const v1::PlanDefinition& definition, std::string_view payee, const Period& period);

}  // namespace tandem::incentives
