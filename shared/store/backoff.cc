#include "shared/store/backoff.h"

#include <algorithm>

namespace tandem::store {

std::chrono::microseconds Backoff::next() {
  step_ = step_.count() == 0 ? first_ : std::min(step_ * 2, limit_);
  std::chrono::microseconds half = std::chrono::microseconds(step_) / 2;
  return half + std::chrono::microseconds(below(chance_, static_cast<uint64_t>(half.count()) + 1));
}

}  // namespace tandem::store
