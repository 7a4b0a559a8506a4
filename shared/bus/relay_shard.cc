#include "shared/bus/relay_shard.h"

#include <algorithm>

namespace tandem::bus {
namespace {

// Much less than Kafka's producer.id.expiration.ms (a day).
constexpr std::chrono::hours kProven{1};

}  // namespace

// A broker that knows nothing of a producer takes any sequence number from it as the first: if the first batch failed
// and the second did not, they would stand in the log the wrong way round, for ever. So the first goes alone.
uint32_t RelayShard::room(uint32_t limit, Tick now) const {
  const bool proven = proven_at && now - *proven_at < kProven;
  const uint64_t most = proven ? limit : 1;
  return in_flight.size() >= most ? 0 : static_cast<uint32_t>(most - in_flight.size());
}

bool RelayShard::acknowledge(uint64_t opaque, uint64_t offset, Tick now) {
  auto found = std::lower_bound(in_flight.begin(), in_flight.end(), opaque,
                                [](const InFlight& entry, uint64_t wanted) { return entry.opaque < wanted; });
  if (found == in_flight.end() || found->opaque != opaque) return false;
  found->offset = offset;
  proven_at = now;
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

// Acknowledgements of earlier records count: a broker that is behind with much, and comes nearer, is not silent.
std::optional<Tick> RelayShard::silent_since() const {
  const auto owed = std::ranges::find_if(in_flight, [](const InFlight& entry) { return !entry.offset; });
  if (owed == in_flight.end()) return std::nullopt;
  return proven_at ? std::max(owed->written_at, *proven_at) : owed->written_at;
}

void RelayShard::trimmed_to(uint64_t n) {
  while (!in_flight.empty() && in_flight.front().n <= n) in_flight.pop_front();
  trimmed = std::max(trimmed, n);
  last_read = std::max(last_read, trimmed);
}

}  // namespace tandem::bus
