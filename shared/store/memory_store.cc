#include "shared/store/memory_store.h"

#include "shared/store/encoding.h"
#include "shared/store/opening.h"

namespace tandem::store {
namespace {

Fault ask(const FaultHook& hook, std::string_view name, size_t item = 0) {
  return hook ? hook(MemoryCall{name, item}) : Fault::kNone;
}

std::vector<IndexEntry> page(const std::set<std::string>& members, const IndexQuery& query) {
  bool from_end = query.after_order.empty() && query.after_id.empty();
  std::string after = index_member(query.after_order, query.after_id);
  std::vector<IndexEntry> entries;
  if (query.descending) {
    auto at = from_end ? members.end() : members.lower_bound(after);
    while (at != members.begin() && entries.size() < query.limit) entries.push_back(parse_index_member(*--at));
  } else {
    auto at = from_end ? members.begin() : members.upper_bound(after);
    for (; at != members.end() && entries.size() < query.limit; ++at) entries.push_back(parse_index_member(*at));
  }
  return entries;
}

}  // namespace

Result<Loaded> MemoryStore::load(const LoadBatch& batch) {
  if (ask(hook_, "load") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  Instant now = world_.clock_.now();
  Loaded loaded;
  for (const auto& [shard, aggregate] : batch.aggregates) {
    const auto& aggregates = world_.shards_[shard].aggregates;
    auto found = aggregates.find(aggregate);
    loaded.aggregates.push_back(found == aggregates.end() ? Stored{} : found->second);
  }
  for (const auto& request : batch.requests) {
    const auto* known = world_.shards_[request.shard].find_request(request.request_id, now);
    loaded.requests.push_back(known ? std::optional(*known) : std::nullopt);
  }
  for (uint32_t shard : batch.shards) {
    const MemoryShard& data = world_.shards_[shard];
    loaded.generations.push_back(data.reconciled(world_.instance_locked()) ? data.generation : 0);
  }
  return loaded;
}

std::vector<CommitOutcome> MemoryStore::commit(std::span<const Commit> batch, Instant now) {
  for (const auto& item : batch) check_commit(item);
  std::vector<CommitOutcome> outcomes(batch.size());
  if (batch.empty()) return outcomes;
  Fault fault = ask(hook_, "commit");
  if (fault == Fault::kUnavailable) return outcomes;
  bool lost = fault == Fault::kRequestLost;
  bool deaf = lost || fault == Fault::kReplyLost;
  for (size_t i = 0; i < batch.size(); ++i) {
    Fault item_fault = lost ? Fault::kRequestLost : ask(hook_, "commit_item", i);
    lost = lost || item_fault == Fault::kRequestLost || item_fault == Fault::kUnavailable;
    deaf = deaf || item_fault != Fault::kNone;
    if (!lost) {
      std::lock_guard lock(world_.mutex_);
      outcomes[i] = world_.shards_[batch[i].shard].commit(batch[i], world_.instance_locked(), now);
      world_.watch_(batch[i], outcomes[i]);
    }
    if (deaf) {
      outcomes[i] = CommitOutcome();
      outcomes[i].status = CommitOutcome::Status::kUnknown;
    }
  }
  world_.appended_.notify_all();
  return outcomes;
}

Result<std::vector<std::pair<Source, MarkValue>>> MemoryStore::marks(uint32_t shard) {
  if (ask(hook_, "marks") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  const auto& marks = world_.shards_[shard].marks;
  return std::vector<std::pair<Source, MarkValue>>(marks.begin(), marks.end());
}

Result<std::vector<Place>> MemoryStore::places(uint32_t shard) {
  if (ask(hook_, "places") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  std::vector<Place> places;
  for (const auto& [source, place] : world_.shards_[shard].places) places.push_back(place);
  return places;
}

Status MemoryStore::write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) {
  Fault fault = ask(hook_, "write_places");
  if (fault != Fault::kNone && fault != Fault::kReplyLost) return no_answer();
  std::lock_guard lock(world_.mutex_);
  Status verdict;
  for (const ShardGeneration& one : shards) {
    MemoryShard& data = world_.shards_[one.shard];
    if (data.generation != one.generation || !data.reconciled(world_.instance_locked())) {
      if (verdict.ok()) verdict = wrong_generation(one.shard, one.generation);
      continue;
    }
    for (const auto& place : places) data.places[place.source] = place;
  }
  if (fault != Fault::kNone) return no_answer();
  return verdict;
}

Result<std::vector<std::vector<IndexEntry>>> MemoryStore::pages(std::span<const IndexQuery> queries) {
  if (ask(hook_, "pages") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  std::vector<std::vector<IndexEntry>> pages;
  for (const auto& query : queries) pages.push_back(page(world_.shards_[query.shard].indexes[query.index], query));
  return pages;
}

Result<std::vector<uint64_t>> MemoryStore::counts(const std::string& index, std::span<const uint32_t> shards) {
  if (ask(hook_, "counts") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  std::vector<uint64_t> counts;
  for (uint32_t shard : shards) counts.push_back(world_.shards_[shard].indexes[index].size());
  return counts;
}

Result<std::vector<DueTimer>> MemoryStore::due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) {
  if (ask(hook_, "due_timers") != Fault::kNone) return no_answer();
  std::lock_guard lock(world_.mutex_);
  std::vector<DueTimer> due;
  for (uint32_t shard : shards) {
    uint32_t found = 0;
    for (const auto& [score, member] : world_.shards_[shard].timers_by_due) {
      if (found++ == limit || from_micros(score) > now) break;
      due.push_back({shard, parse_timer_member(member), from_micros(score)});
    }
  }
  return due;
}

}  // namespace tandem::store
