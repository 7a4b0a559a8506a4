// How long to wait before the next attempt to connect: doubling up to a limit, with jitter, so that the replicas of a
// service do not come back all at the same moment.
#pragma once

#include <chrono>

#include "shared/base/ports.h"

namespace tandem::store {

class Backoff {
 public:
  // 0 < first <= limit. `chance` must outlive it.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit, Chance& chance)
      : first_(first), limit_(limit), chance_(chance) {}

  // Evenly from half of the current step to the whole; the step then doubles.
  std::chrono::microseconds next();
  // After a success.
  void reset() { step_ = std::chrono::milliseconds(0); }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds limit_;
  Chance& chance_;
  std::chrono::milliseconds step_{0};
};

}  // namespace tandem::store
