// Random histories for the two stores: what a service's replicas might ask of them, right and wrong. The same seed
// gives the same history.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/aggregate/store.h"
#include "shared/base/ports.h"

namespace tandem::testing {

class StoreHistory {
 public:
  // `known` is asked what is stored now, so that most of what is made is right.
  StoreHistory(uint64_t seed, uint32_t shards, Store& known, ManualClock& clock);

  uint64_t below(uint64_t bound) { return tandem::below(chance_, bound); }
  uint32_t shard() { return static_cast<uint32_t>(below(shards_)); }
  std::string token() { return "lease-" + std::to_string(below(3)); }
  std::string healer() { return "healer-" + std::to_string(++healers_); }
  // Mostly the shard's.
  uint64_t generation(uint32_t shard);
  // One event folded, number from + 1.
  FoldedEvents folded(uint32_t shard, uint64_t from);
  // Chains on the same aggregate and the same source included.
  std::vector<Commit> commits();
  std::vector<Place> places();
  Instant instant();

  // All that can occur in a history.
  const std::vector<std::pair<uint32_t, AggregateRef>>& aggregates() const { return aggregates_; }
  const std::vector<RequestKey>& requests() const { return requests_; }
  const std::vector<std::string>& indexes() const { return indexes_; }
  const std::vector<std::string>& orders() const { return orders_; }
  const std::vector<Source>& sources() const { return sources_; }
  IndexChange index_change(const std::string& id);

 private:
  // What a batch would find if everything before in it were committed.
  struct Expected {
    std::map<AggregateRef, std::string> versions;
    std::map<std::pair<uint32_t, Source>, MarkValue> marks;
  };

  Commit commit(Expected& expected);
  std::string version_of(const Expected& expected, uint32_t shard, const AggregateRef& ref);
  MarkValue mark_of(const Expected& expected, uint32_t shard, const Source& source);
  std::string bytes(size_t longest);

  SeededChance chance_;
  uint32_t shards_;
  Store& known_;
  ManualClock& clock_;
  uint64_t healers_ = 0;
  std::vector<std::pair<uint32_t, AggregateRef>> aggregates_;
  std::vector<RequestKey> requests_;
  std::vector<std::string> indexes_;
  std::vector<std::string> orders_;
  std::vector<Source> sources_;
};

}  // namespace tandem::testing
