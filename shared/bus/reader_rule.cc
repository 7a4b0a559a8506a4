#include "shared/bus/reader_rule.h"

#include <algorithm>

#include "shared/base/teeth.h"

namespace tandem::bus {
namespace {

// The log's first events are of generation 1 and need no fence before them.
constexpr uint64_t kFirstGeneration = 1;

bool behind(const Cursor& cursor, uint64_t offset) { return offset < cursor.offset; }

}  // namespace

Verdict judge_event(Cursor& cursor, uint64_t offset, uint64_t generation, uint64_t n) {
  if (behind(cursor, offset)) return Verdict::kRepetition;
  if (generation < cursor.generation) {
    cursor.offset = offset + 1;
    return Verdict::kOlderGeneration;
  }
  // A newer generation without its fence: the fence, and who knows what else, is missing.
  const bool first = cursor.generation == 0 && generation == kFirstGeneration;
  if (generation != cursor.generation && !first && !TANDEM_TOOTH(kE02)) return Verdict::kGap;
  if (n > cursor.n + 1) return Verdict::kGap;
  cursor.offset = offset + 1;
  cursor.generation = generation;
  if (n <= cursor.n) return Verdict::kRepetition;
  cursor.n = n;
  return Verdict::kAccept;
}

Verdict judge_fence(Cursor& cursor, uint64_t offset, uint64_t ends) {
  if (behind(cursor, offset)) return Verdict::kRepetition;
  cursor.offset = offset + 1;
  if (ends != cursor.generation && !TANDEM_TOOTH(kW01)) return Verdict::kFenceWithoutForce;
  cursor.generation = offset + 1;
  return Verdict::kFence;
}

Verdict LooseCursor::event(uint64_t offset, uint64_t generation, uint64_t n) {
  if (known_) return judge_event(cursor_, offset, generation, n);
  if (behind(cursor_, offset)) return Verdict::kRepetition;
  cursor_ = {offset + 1, generation, n};
  known_ = true;
  return Verdict::kAccept;
}

Verdict LooseCursor::fence(uint64_t offset, uint64_t ends) {
  if (known_) return judge_fence(cursor_, offset, ends);
  // Whether it counts cannot be told. The next event can: it carries the generation in force.
  if (!behind(cursor_, offset)) cursor_.offset = offset + 1;
  return Verdict::kFenceWithoutForce;
}

Cursor least_place(const Source& source, std::span<const std::vector<Place>> by_shard) {
  if (by_shard.empty()) return {};
  bool first = true;
  Cursor least;
  for (const std::vector<Place>& places : by_shard) {
    const auto found = std::ranges::find(places, source, &Place::source);
    if (found == places.end()) return {};
    const Cursor cursor{found->offset, found->generation, found->n};
    if (first || cursor.offset < least.offset) least = cursor;
    first = false;
  }
  return least;
}

}  // namespace tandem::bus
