#include "shared/aggregate/healing.h"

namespace tandem {

std::string why_not_serving(uint32_t shard) {
  return "shard " + std::to_string(shard) + " is being reconciled with its log";
}

Error not_serving(uint32_t shard) {
  Error error = make_error(Code::kUnavailable, why_not_serving(shard) + "; send it again with the same request id");
  error.retry_after = std::chrono::milliseconds(200);
  return error;
}

}  // namespace tandem
