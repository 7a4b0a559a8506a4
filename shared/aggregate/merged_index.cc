#include "shared/aggregate/merged_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tandem {
namespace {

bool before(const IndexEntry& a, const IndexEntry& b) { return std::tie(a.order, a.id) < std::tie(b.order, b.id); }

}  // namespace

MergedIndex::MergedIndex(Store& store, uint32_t shards, std::string index, bool descending, const IndexEntry& after,
                         uint32_t page)
    : store_(store),
      index_(std::move(index)),
      descending_(descending),
      // Twice a shard's share, so that one round is mostly enough where the shards are evenly filled.
      chunk_(std::clamp(2 * page / std::max(shards, 1u), 8u, 256u)),
      cursors_(shards) {
  for (Cursor& cursor : cursors_) cursor.last = after;
}

Result<std::vector<MergedEntry>> MergedIndex::next(size_t count) {
  std::vector<MergedEntry> merged;
  while (merged.size() < count) {
    // Nothing can be said about the order before every shard has shown its next entry.
    TANDEM_RETURN_IF_ERROR(refill());
    const int shard = first();
    if (shard < 0) break;
    Cursor& cursor = cursors_[shard];
    merged.push_back({static_cast<uint32_t>(shard), std::move(cursor.entries[cursor.next++])});
  }
  return merged;
}

bool MergedIndex::may_have_more() const {
  return std::any_of(cursors_.begin(), cursors_.end(),
                     [](const Cursor& c) { return !c.ended || c.next < c.entries.size(); });
}

Status MergedIndex::refill() {
  std::vector<IndexQuery> queries;
  for (size_t shard = 0; shard < cursors_.size(); ++shard) {
    const Cursor& cursor = cursors_[shard];
    if (cursor.ended || cursor.next < cursor.entries.size()) continue;
    queries.push_back({static_cast<uint32_t>(shard), index_, cursor.last.order, cursor.last.id, descending_, chunk_});
  }
  if (queries.empty()) return {};
  TANDEM_ASSIGN_OR_RETURN(auto pages, store_.pages(queries));
  for (size_t i = 0; i < queries.size(); ++i) {
    Cursor& cursor = cursors_[queries[i].shard];
    cursor.ended = pages[i].size() < chunk_;
    if (!pages[i].empty()) cursor.last = pages[i].back();
    cursor.entries = std::move(pages[i]);
    cursor.next = 0;
  }
  return {};
}

int MergedIndex::first() const {
  int best = -1;
  for (size_t shard = 0; shard < cursors_.size(); ++shard) {
    const Cursor& cursor = cursors_[shard];
    if (cursor.next == cursor.entries.size()) continue;
    if (best < 0) {
      best = static_cast<int>(shard);
      continue;
    }
    const IndexEntry& entry = cursor.entries[cursor.next];
    const IndexEntry& leader = cursors_[best].entries[cursors_[best].next];
    if (descending_ ? before(leader, entry) : before(entry, leader)) best = static_cast<int>(shard);
  }
  return best;
}

}  // namespace tandem
