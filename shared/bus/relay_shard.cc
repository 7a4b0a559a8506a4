#include "shared/bus/relay_shard.h"

#include <algorithm>

namespace tandem::bus {

bool RelayShard::acknowledge(uint64_t opaque, uint64_t offset) {
  auto found = std::lower_bound(in_flight.begin(), in_flight.end(), opaque,
                                [](const InFlight& entry, uint64_t wanted) { return entry.opaque < wanted; });
  if (found == in_flight.end() || found->opaque != opaque) return false;
  found->offset = offset;
  return true;
}

std::optional<RelayShard::InFlight> RelayShard::acknowledged() const {
  std::optional<InFlight> last;
  for (const InFlight& entry : in_flight) {
    if (!entry.offset) break;
    last = entry;
  }
  return last;
}

void RelayShard::trimmed_to(uint64_t n) {
  while (!in_flight.empty() && in_flight.front().n <= n) in_flight.pop_front();
  trimmed = std::max(trimmed, n);
  last_read = std::max(last_read, trimmed);
}

}  // namespace tandem::bus
