#include "shared/store/redis_inspection.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <unordered_map>

#include "shared/store/commit_call.h"
#include "shared/store/encoding.h"
#include "shared/store/inspecting.h"
#include "shared/store/outbox_reply.h"

namespace tandem::store {
namespace {

constexpr std::string_view kState = "s:";
constexpr std::string_view kRequest = "r:";
constexpr std::string_view kIndex = "i:";
constexpr std::string_view kTagEnd = "}:";
constexpr uint32_t kScan = 1000;
constexpr size_t kSetsOfARound = 100;
constexpr size_t kEntriesOfARound = 2'000;

// What all keys of a shard begin with: "{sales:3}:".
std::string_view tag_of(const RedisKeys& keys) {
  const std::string_view meta = keys.meta;
  return meta.substr(0, meta.find(kTagEnd) + kTagEnd.size());
}

// Cursor and elements of a SCAN's or ZSCAN's reply.
Result<std::pair<std::string, std::span<redisReply* const>>> parse_scan(const redisReply& reply) {
  auto parts = elements_of(reply);
  if (parts.size() != 2) return unexpected_reply(reply);
  return std::pair(std::string(text_of(*parts[0])), elements_of(*parts[1]));
}

// So many at a time are one pipeline.
template <class T, class Work>
Status in_pages(std::span<const T> all, Work work) {
  for (size_t from = 0; from < all.size(); from += kScan) {
    TANDEM_RETURN_IF_ERROR(work(all.subspan(from, std::min<size_t>(kScan, all.size() - from))));
  }
  return {};
}

RedisCommand look_command(const RedisKeys& keys, const Look& look) {
  std::vector<std::string> touched = {keys.state(look.ref), keys.timers};
  for (const auto& [index, order] : look.indexes) touched.push_back(keys.index(index));
  RedisCommand command = call_function("tandem_v2_look", touched);
  command.add(look.timers.size());
  for (const std::string& name : look.timers) command.add(timer_member({look.ref, name}));
  for (const auto& [index, order] : look.indexes) command.add(index_member(order, id_in(index, look.ref)));
  return command;
}

Result<AggregateDump> parse_look(const redisReply& reply, const Look& look) {
  auto fields = elements_of(reply);
  if (fields.size() != 1 + look.timers.size() + look.indexes.size()) return unexpected_reply(reply);
  AggregateDump found;
  found.stored = parse_stored(text_of(*fields[0]));
  size_t at = 1;
  for (const std::string& name : look.timers) {
    if (const auto score = parse_score(text_of(*fields[at++]))) found.timers[name] = from_micros(*score);
  }
  for (const auto& entry : look.indexes) {
    if (!text_of(*fields[at++]).empty()) found.indexes.insert(entry);
  }
  return found;
}

}  // namespace

Result<ShardDump> RedisInspection::dump(uint32_t shard) {
  ShardDump dump;
  TANDEM_ASSIGN_OR_RETURN(const Names names, names_of(shard));
  dump.number_before = names.number;
  TANDEM_RETURN_IF_ERROR(in_pages(std::span(names.values), [&](auto page) { return dump_keys(shard, page, dump); }));
  TANDEM_RETURN_IF_ERROR(
      in_pages(std::span(names.indexes), [&](auto page) { return dump_indexes(shard, page, dump); }));
  TANDEM_RETURN_IF_ERROR(dump_timers(shard, dump));
  TANDEM_RETURN_IF_ERROR(dump_meta(shard, dump, dump.number_after));
  return dump;
}

Result<RedisInspection::Names> RedisInspection::names_of(uint32_t shard) {
  if (!scanned_.contains(shard)) TANDEM_RETURN_IF_ERROR(scan(shard));
  return std::move(scanned_.extract(shard).mapped());
}

Status RedisInspection::scan(uint32_t shard) {
  const RedisTopology& topology = redis_.options().topology;
  std::map<uint32_t, Names> scanned;
  std::unordered_map<std::string_view, Names*> by_tag;
  for (uint32_t other = 0; other < redis_.options().identity.shards; ++other) {
    if (topology.endpoint_of(other) != topology.endpoint_of(shard)) continue;
    Names& names = scanned[other];
    ShardDump before;
    TANDEM_RETURN_IF_ERROR(dump_meta(other, before, names.number));
    by_tag[tag_of(redis_.keys(other))] = &names;
  }
  const std::string ours = "{" + redis_.options().prefix + redis_.options().identity.service + ":*";
  std::string cursor = "0";
  do {
    RedisCommand command("SCAN");
    command.add(cursor).add("MATCH").add(ours).add("COUNT").add(kScan);
    TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
    TANDEM_ASSIGN_OR_RETURN(const auto page, parse_scan(*reply));
    cursor = page.first;
    for (const redisReply* element : page.second) {
      const std::string_view key = text_of(*element);
      const auto names = by_tag.find(key.substr(0, key.find(kTagEnd) + kTagEnd.size()));
      if (names == by_tag.end()) continue;
      const std::string_view name = key.substr(names->first.size());
      if (name.starts_with(kState) || name.starts_with(kRequest)) names->second->values.emplace_back(name);
      if (name.starts_with(kIndex)) names->second->indexes.emplace_back(name.substr(kIndex.size()));
    }
  } while (cursor != "0");
  for (auto& [other, names] : scanned) scanned_[other] = std::move(names);
  return {};
}

Status RedisInspection::dump_meta(uint32_t shard, ShardDump& dump, uint64_t& number) {
  RedisCommand command("HMGET");
  command.add(redis_.keys(shard).meta).add("number").add("instance");
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  auto fields = elements_of(*reply);
  if (fields.size() != 2) return unexpected_reply(*reply);
  number = number_of(*fields[0]).value_or(0);
  dump.reconciled = text_of(*fields[1]) == redis_.instance(shard);
  return {};
}

Result<std::map<Source, MarkValue>> RedisInspection::marks(uint32_t shard) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, RedisCommand("HGETALL").add(redis_.keys(shard).meta)));
  TANDEM_ASSIGN_OR_RETURN(const auto marks, parse_marks(*reply));
  return std::map<Source, MarkValue>(marks.begin(), marks.end());
}

Status RedisInspection::dump_keys(uint32_t shard, std::span<const std::string> keys, ShardDump& dump) {
  const std::string tag(tag_of(redis_.keys(shard)));
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (const std::string& key : keys) commands.emplace_back(shard, RedisCommand("GET").add(tag + key));
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  for (size_t i = 0; i < keys.size(); ++i) {
    if (replies[i]->type == REDIS_REPLY_NIL) continue;  // gone since it was listed
    const std::string name = keys[i].substr(kState.size());
    if (keys[i].starts_with(kRequest)) {
      const auto request = parse_reply(text_of(*replies[i]));
      if (!request) return unexpected_reply(*replies[i]);
      dump.requests[name] = *request;
      continue;
    }
    const size_t slash = name.find('/');
    dump.aggregates[{name.substr(0, slash), name.substr(slash + 1)}].stored = parse_stored(text_of(*replies[i]));
  }
  return {};
}

// A page of some of them in every round: there are indexes with an entry only, one for each lead, and a call for each
// would wait that often. Redis carries out a round without a look at anybody else, so it has only so many entries.
Status RedisInspection::walk(uint32_t shard, std::span<const std::string> sets, const Take& take) {
  std::deque<std::pair<size_t, std::string>> open;  // with their cursors
  for (size_t i = 0; i < sets.size(); ++i) open.emplace_back(i, "0");
  while (!open.empty()) {
    const size_t together = std::min(open.size(), kSetsOfARound);
    std::vector<std::pair<uint32_t, RedisCommand>> commands;
    for (size_t i = 0; i < together; ++i) {
      RedisCommand command("ZSCAN");
      command.add(sets[open[i].first]).add(open[i].second).add("COUNT").add(kEntriesOfARound / together);
      commands.emplace_back(shard, std::move(command));
    }
    TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read(commands));
    for (const auto& reply : replies) {
      const size_t set = open.front().first;
      open.pop_front();
      TANDEM_ASSIGN_OR_RETURN(const auto page, parse_scan(*reply));
      const auto& members = page.second;
      for (size_t at = 0; at + 1 < members.size(); at += 2) take(set, text_of(*members[at]), text_of(*members[at + 1]));
      if (page.first != "0") open.emplace_back(set, page.first);
    }
  }
  return {};
}

Status RedisInspection::dump_indexes(uint32_t shard, std::span<const std::string> indexes, ShardDump& dump) {
  Keys sets;
  for (const std::string& index : indexes) sets.push_back(redis_.keys(shard).index(index));
  return walk(shard, sets, [&](size_t set, std::string_view member, std::string_view) {
    const IndexEntry entry = parse_index_member(member);
    dump.aggregates[owner_of(indexes[set], entry.id)].indexes.emplace(indexes[set], entry.order);
  });
}

Status RedisInspection::dump_timers(uint32_t shard, ShardDump& dump) {
  const std::string& timers = redis_.keys(shard).timers;
  return walk(shard, std::span(&timers, 1), [&](size_t, std::string_view member, std::string_view score) {
    const TimerKey timer = parse_timer_member(member);
    dump.aggregates[timer.aggregate].timers[timer.name] = from_micros(parse_score(score).value_or(0));
  });
}

Result<AggregateDump> RedisInspection::look(uint32_t shard, const AggregateRef& ref,
                                            const std::set<std::pair<std::string, std::string>>& indexes,
                                            const std::set<std::string>& timers) {
  const Look one{ref, indexes, timers};
  TANDEM_ASSIGN_OR_RETURN(auto found, look_all(shard, std::span(&one, 1)));
  return std::move(found[0]);
}

Result<std::vector<AggregateDump>> RedisInspection::look_all(uint32_t shard, std::span<const Look> looks) {
  std::vector<AggregateDump> found;
  TANDEM_RETURN_IF_ERROR(in_pages(looks, [&](std::span<const Look> page) -> Status {
    std::vector<std::pair<uint32_t, RedisCommand>> commands;
    for (const Look& one : page) commands.emplace_back(shard, look_command(redis_.keys(shard), one));
    TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read(commands));
    for (size_t i = 0; i < page.size(); ++i) {
      TANDEM_ASSIGN_OR_RETURN(AggregateDump dump, parse_look(*replies[i], page[i]));
      found.push_back(std::move(dump));
    }
    return {};
  }));
  return found;
}

Result<std::pair<uint64_t, std::vector<OutboxEntry>>> RedisInspection::outbox(uint32_t shard, uint64_t after,
                                                                              uint32_t limit) {
  const RedisKeys& keys = redis_.keys(shard);
  RedisCommand command = call_function("tandem_v2_outbox", std::array{keys.meta, keys.outbox});
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command.add(after).add(limit))));
  auto parts = elements_of(*reply);
  if (parts.size() != 2) return unexpected_reply(*reply);
  std::vector<OutboxEntry> entries;
  for (const redisReply* element : elements_of(*parts[1])) {
    auto entry = parse_outbox_entry(*element);
    if (!entry) return unexpected_reply(*element);
    entries.push_back(std::move(*entry));
  }
  return std::pair(number_of(*parts[0]).value_or(0), std::move(entries));
}

Result<bool> RedisInspection::mend(uint32_t shard, const AggregateRef& ref, const AggregateDump& found,
                                   const AggregateDump& right) {
  TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
  const RedisKeys& keys = redis_.keys(shard);
  const IndexEdits indexes = index_edits(index_repairs(ref, found, right));
  Keys touched = {keys.meta, keys.state(ref), keys.timers};
  for (const auto& [index, members] : indexes) touched.push_back(keys.index(index));
  RedisCommand command = call_function("tandem_v2_mend", touched);
  command.add(redis_.instance(shard)).add(found.stored.version + found.stored.bytes);
  command.add(right.stored.version + right.stored.bytes);
  add_timer_edits(command, timer_edits(timer_repairs(ref, found, right)));
  for (const auto& [index, members] : indexes) add_index_edits(command, members);
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  return number_of(*reply) == 1U;
}

}  // namespace tandem::store
