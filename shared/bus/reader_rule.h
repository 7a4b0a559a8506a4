// The reader's rule: by it, whoever reads a topic sees every event exactly once, whatever was written twice, late or by
// a relay that has lost its lease. Pure; one Cursor for each partition.
//
//   An event of an older generation than the one in force is void. One whose number is not greater than the last is a
//   repetition. The number after the last is next, across fences too. A greater one means that events are missing:
//   stop. A fence counts only if it ends the generation in force where it stands; the new one is its offset + 1.
//
// Generation 0 means that nothing was read yet: the log's first events are of generation 1.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "shared/aggregate/store.h"

namespace tandem::bus {

struct Cursor {
  uint64_t offset = 0;      // next to be read
  uint64_t generation = 0;  // in force
  uint64_t n = 0;           // last accepted

  auto operator<=>(const Cursor&) const = default;
};

enum class Verdict {
  kAccept,
  kOlderGeneration,    // void; ignored
  kRepetition,         // seen before; ignored
  kFence,              // a new generation is in force
  kFenceWithoutForce,  // it does not end the generation in force; ignored
  kGap,                // events are missing before it; the cursor has not moved
};

// Moves the cursor past the record, except at a gap.
Verdict judge_event(Cursor& cursor, uint64_t offset, uint64_t generation, uint64_t n);
Verdict judge_fence(Cursor& cursor, uint64_t offset, uint64_t ends);

// For who joins at some offset without having read what is before: takes generation and number from the first event or
// fence. It may take a void event for valid until the next fence, so it is for people who look, not for effects.
class LooseCursor {
 public:
  // A cursor that was kept, or the beginning of the log: {}. The rule holds strictly.
  explicit LooseCursor(Cursor kept) : cursor_(kept), known_(true) {}
  // Some offset, of which nothing else is known.
  static LooseCursor at(uint64_t offset) { return LooseCursor({offset, 0, 0}, false); }

  Verdict event(uint64_t offset, uint64_t generation, uint64_t n);
  Verdict fence(uint64_t offset, uint64_t ends);
  const Cursor& cursor() const { return cursor_; }

 private:
  LooseCursor(Cursor start, bool known) : cursor_(start), known_(known) {}

  Cursor cursor_;
  bool known_;
};

// Where a source must be read from: the least of what its target shards have noted. `by_shard` is what Store::places
// said of each target shard; one that has noted nothing needs everything from the beginning.
Cursor least_place(const Source& source, std::span<const std::vector<Place>> by_shard);

}  // namespace tandem::bus
