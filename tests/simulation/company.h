// The services, as they are numbered everywhere here.
#pragma once

#include <cstddef>

namespace tandem::simulation {

enum Service : size_t { kMarketing, kSales, kCrm, kIncentives };
inline constexpr size_t kCompany = 4;

}  // namespace tandem::simulation
