#include "shared/store/memory_inspection.h"

#include "shared/store/encoding.h"
#include "shared/store/inspecting.h"

namespace tandem::store {

Result<ShardDump> MemoryInspection::dump(uint32_t shard) {
  std::lock_guard lock(world_.mutex_);
  const MemoryShard& data = world_.shards_[shard];
  ShardDump dump;
  dump.reconciled = data.reconciled(world_.instance_locked());
  dump.number_before = dump.number_after = data.last_number;
  for (const auto& [ref, stored] : data.aggregates) dump.aggregates[ref].stored = stored;
  for (const auto& [index, members] : data.indexes) {
    for (const std::string& member : members) {
      const IndexEntry entry = parse_index_member(member);
      dump.aggregates[owner_of(index, entry.id)].indexes.emplace(index, entry.order);
    }
  }
  for (const auto& [member, score] : data.timers) {
    const TimerKey timer = parse_timer_member(member);
    dump.aggregates[timer.aggregate].timers[timer.name] = from_micros(score);
  }
  for (const auto& [id, request] : data.requests) {
    if (world_.clock_.now() < request.expires) dump.requests[id] = request.reply;
  }
  return dump;
}

Result<std::map<Source, MarkValue>> MemoryInspection::marks(uint32_t shard) {
  std::lock_guard lock(world_.mutex_);
  return world_.shards_[shard].marks;
}

Result<AggregateDump> MemoryInspection::look(uint32_t shard, const AggregateRef& ref,
                                             const std::set<std::pair<std::string, std::string>>& indexes,
                                             const std::set<std::string>& timers) {
  std::lock_guard lock(world_.mutex_);
  const MemoryShard& data = world_.shards_[shard];
  AggregateDump found;
  if (const auto at = data.aggregates.find(ref); at != data.aggregates.end()) found.stored = at->second;
  for (const auto& [index, order] : indexes) {
    const auto listed = data.indexes.find(index);
    if (listed != data.indexes.end() && listed->second.contains(index_member(order, id_in(index, ref)))) {
      found.indexes.emplace(index, order);
    }
  }
  for (const std::string& name : timers) {
    const auto timer = data.timers.find(timer_member({ref, name}));
    if (timer != data.timers.end()) found.timers[name] = from_micros(timer->second);
  }
  return found;
}

Result<std::pair<uint64_t, std::vector<OutboxEntry>>> MemoryInspection::outbox(uint32_t shard, uint64_t after,
                                                                               uint32_t limit) {
  std::lock_guard lock(world_.mutex_);
  const MemoryShard& data = world_.shards_[shard];
  std::vector<OutboxEntry> entries;
  for (auto at = data.outbox.upper_bound(after); at != data.outbox.end() && entries.size() < limit; ++at) {
    entries.push_back(at->second.entry);
  }
  return std::pair(data.last_number, std::move(entries));
}

Result<bool> MemoryInspection::mend(uint32_t shard, const AggregateRef& ref, const AggregateDump& found,
                                    const AggregateDump& right) {
  std::lock_guard lock(world_.mutex_);
  MemoryShard& data = world_.shards_[shard];
  const auto at = data.aggregates.find(ref);
  const Stored now = at == data.aggregates.end() ? Stored{} : at->second;
  if (!data.reconciled(world_.instance_locked()) || now != found.stored) return false;
  data.mend(ref, right.stored, index_edits(index_repairs(ref, found, right)),
            timer_edits(timer_repairs(ref, found, right)));
  return true;
}

}  // namespace tandem::store
