#include "shared/aggregate/aggregate.h"

#include <cstdint>
#include <cstdio>

namespace tandem {

std::string order_key(Instant at) {
  // Microseconds since the epoch, moved so that the years before it sort as well; 20 digits hold all of it.
  const uint64_t moved = static_cast<uint64_t>(to_micros(at)) + (uint64_t{1} << 63);
  char key[21];
  std::snprintf(key, sizeof key, "%020llu", static_cast<unsigned long long>(moved));
  return key;
}

const AggregateType* Registry::find(std::string_view type) const {
  auto found = types_.find(std::string(type));
  return found == types_.end() ? nullptr : &found->second;
}

}  // namespace tandem
