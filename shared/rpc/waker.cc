#include "shared/rpc/waker.h"

namespace tandem::rpc {

void Waker::wake() {
  const std::lock_guard lock(mutex_);
  if (closed_ || under_way_) return;
  under_way_ = true;
  alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), tag_);
}

void Waker::woken() {
  const std::lock_guard lock(mutex_);
  under_way_ = false;
}

void Waker::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace tandem::rpc
