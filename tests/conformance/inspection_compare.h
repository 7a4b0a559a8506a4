// Looks at two stores with their inspections, and mends in both: everything that they say must be the same. What is
// asked is drawn from a seed of its own, so that the histories which it stands between stay what they are.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "shared/aggregate/inspection.h"
#include "tests/conformance/store_history.h"

namespace tandem::testing {

class InspectionCompare {
 public:
  // `history` says what there can be.
  InspectionCompare(uint64_t seed, Inspection& a, Inspection& b, const StoreHistory& history, Clock& clock);

  // All shards whole, one after the other as a rebuild does, and their outboxes from somewhere on.
  void look_at_all(uint32_t shards);
  // Takes one of its aggregates, as it is found or as it might have been, to something else.
  void mend(uint32_t shard);
  // How often something was put right, and refused, by both.
  int mended() const { return mended_; }
  int refused() const { return refused_; }

 private:
  using Entries = std::set<std::pair<std::string, std::string>>;

  void look_at(uint32_t shard);
  uint64_t below(uint64_t bound) { return tandem::below(chance_, bound); }
  AggregateRef aggregate_of(uint32_t shard);
  Entries entries();
  // What an aggregate may be taken to.
  AggregateDump right(const AggregateDump& found);

  Inspection& a_;
  Inspection& b_;
  const StoreHistory& history_;
  Clock& clock_;
  SeededChance chance_;
  int mended_ = 0;
  int refused_ = 0;
};

}  // namespace tandem::testing
