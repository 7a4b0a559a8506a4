// The steady clock's time as gRPC's completion queues take it.
#pragma once

#include <grpc/support/time.h>

#include <chrono>

namespace tandem::rpc {

// What is past already is "do not wait".
inline gpr_timespec grpc_deadline(std::chrono::steady_clock::time_point when) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(when - std::chrono::steady_clock::now());
  if (left.count() <= 0) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_micros(left.count(), GPR_TIMESPAN));
}

}  // namespace tandem::rpc
