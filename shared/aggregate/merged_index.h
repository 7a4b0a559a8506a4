// An index over all shards as one: entries in the order (order, id), read in chunks, all shards in one pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/aggregate/store.h"
#include "shared/base/result.h"

namespace tandem {

struct MergedEntry {
  uint32_t shard = 0;
  IndexEntry entry;
};

class MergedIndex {
 public:
  // From after `after` (before it, if descending); empty = from the end that comes first. `page` is about how many
  // entries will be wanted: it sizes the chunks.
  MergedIndex(Store& store, uint32_t shards, std::string index, bool descending, const IndexEntry& after,
              uint32_t page);

  // The next entries, at most `count`; none = that was all.
  Result<std::vector<MergedEntry>> next(size_t count);
  // False only if it is known that nothing follows.
  bool may_have_more() const;

 private:
  struct Cursor {
    std::vector<IndexEntry> entries;
    size_t next = 0;
    IndexEntry last;
    bool ended = false;
  };

  Status refill();
  // The shard whose next entry comes first; -1 if all are at their end.
  int first() const;

  Store& store_;
  std::string index_;
  bool descending_;
  uint32_t chunk_;
  std::vector<Cursor> cursors_;
};

}  // namespace tandem
