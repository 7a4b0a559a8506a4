#include "shared/aggregate/query.h"

#include <algorithm>
#include <map>
#include <utility>

#include "shared/aggregate/filter.h"
#include "shared/aggregate/healing.h"
#include "shared/aggregate/indexing.h"
#include "shared/aggregate/instance.h"
#include "shared/aggregate/merged_index.h"
#include "shared/aggregate/page_token.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"

namespace tandem {
namespace {

using Message = google::protobuf::Message;

constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;
constexpr size_t kLeastBatch = 64;

Result<uint32_t> page_size_of(const ListQuery& query) {
  if (query.page_size < 0) return invalid("page_size", "is negative", "use 1 to 1000, or 0 for 100");
  if (query.page_size > kMaxPageSize) return invalid("page_size", "is more than 1000", "use 1 to 1000 and page on");
  return static_cast<uint32_t>(query.page_size == 0 ? kDefaultPageSize : query.page_size);
}

Result<bool> descending_of(const ListQuery& query) {
  const std::string order = to_lower(trim(query.order_by));
  if (order.empty() || order == "asc") return false;
  if (order == "desc") return true;
  return invalid("order_by", "is \"" + query.order_by + "\"", "use asc or desc of the natural order");
}

// What a token is bound to.
std::string scope_of(const AggregateType& type, const ListQuery& query, bool descending) {
  return type.name + (descending ? "\ndesc\n" : "\nasc\n") + std::string(trim(query.filter));
}

// The index of an equality that the aggregate keeps one for, else that of all. Which it keeps is learnt by asking it
// about a state in which the field has the value.
std::string choose_index(const AggregateType& type, const Filter& filter) {
  for (const FilterCondition& condition : filter.conditions()) {
    if (condition.op() != FilterOperator::kEqual) continue;
    std::unique_ptr<Message> probe(type.state_prototype->New());
    condition.fill(*probe);
    const std::pair<std::string, std::string> wanted{condition.path(), condition.index_value()};
    const Indexes indexes = type.indexes(*probe);
    if (std::find(indexes.by.begin(), indexes.by.end(), wanted) != indexes.by.end()) {
      return index_name(type.name, wanted.first, wanted.second);
    }
  }
  return index_name(type.name);
}

Result<std::unique_ptr<Message>> state_of(const AggregateType* type, const AggregateRef& ref, const Stored& stored) {
  const auto not_found = [&] {
    return make_error(Code::kNotFound, ref.type, "\"" + ref.id + "\" does not exist", "check the id");
  };
  if (!type) return make_error(Code::kInternal, "aggregate type \"" + ref.type + "\" is not registered");
  if (stored.version.empty()) return not_found();
  TANDEM_ASSIGN_OR_RETURN(Instance instance, Instance::parse(type, ref, stored));
  // Only parked commands are there: nothing ever happened to it.
  if (instance.state().ByteSizeLong() == 0) return not_found();
  return instance.take_state();
}

}  // namespace

Queries::Queries(const Registry& registry, Store& store, QueryOptions options)
    : registry_(registry), store_(store), options_(std::move(options)) {}

Result<std::unique_ptr<Message>> Queries::get(const AggregateRef& ref) {
  return std::move(get(std::span(&ref, 1)).front());
}

std::vector<Result<std::unique_ptr<Message>>> Queries::get(std::span<const AggregateRef> refs) {
  std::vector<Result<std::unique_ptr<Message>>> results;
  LoadBatch batch;
  std::map<uint32_t, size_t> asked;  // shard -> its place among the generations
  for (const AggregateRef& ref : refs) {
    const uint32_t shard = shard_of(ref.type, ref.id, options_.shards);
    batch.aggregates.emplace_back(shard, ref);
    if (asked.emplace(shard, batch.shards.size()).second) batch.shards.push_back(shard);
  }
  const Result<Loaded> loaded = store_.load(batch);
  for (size_t i = 0; i < refs.size(); ++i) {
    if (loaded.ok() && loaded->generations[asked.at(batch.aggregates[i].first)] == 0) {
      results.emplace_back(not_serving(batch.aggregates[i].first));
    } else if (loaded.ok()) {
      results.push_back(state_of(registry_.find(refs[i].type), refs[i], loaded->aggregates[i]));
    } else {
      results.emplace_back(loaded.error());
    }
  }
  return results;
}

Result<Page> Queries::list(const AggregateType& type, const ListQuery& query) {
  TANDEM_ASSIGN_OR_RETURN(const uint32_t page_size, page_size_of(query));
  TANDEM_ASSIGN_OR_RETURN(const bool descending, descending_of(query));
  TANDEM_ASSIGN_OR_RETURN(const Filter filter, Filter::parse(query.filter, *type.state_prototype->GetDescriptor()));
  const std::string scope = scope_of(type, query, descending);
  IndexEntry position;
  if (!query.page_token.empty()) {
    TANDEM_ASSIGN_OR_RETURN(position, open_page_token(options_.token_key, scope, query.page_token));
  }

  TANDEM_RETURN_IF_ERROR(all_serve());
  MergedIndex index(store_, options_.shards, choose_index(type, filter), descending, position, page_size);
  // Where a filter drops some, more are read at once than are missing, to keep the rounds few.
  const size_t least = filter.conditions().empty() ? 1 : kLeastBatch;
  Page page;
  bool more = true;
  for (size_t scanned = 0; more && page.items.size() < page_size && scanned < options_.scan_budget;) {
    const size_t wanted = std::max(least, page_size - page.items.size());
    TANDEM_ASSIGN_OR_RETURN(const auto entries, index.next(std::min(wanted, options_.scan_budget - scanned)));
    TANDEM_ASSIGN_OR_RETURN(const size_t taken, take(type, filter, entries, page_size, page));
    if (taken > 0) position = entries[taken - 1].entry;
    scanned += entries.size();
    more = taken < entries.size() || (!entries.empty() && index.may_have_more());
  }
  if (more) page.next_page_token = seal_page_token(options_.token_key, scope, position);
  return page;
}

// A list without a shard's entries would be wrong without a word.
Status Queries::all_serve() {
  LoadBatch wanted;
  wanted.shards = all_shards(options_.shards);
  TANDEM_ASSIGN_OR_RETURN(const Loaded loaded, store_.load(wanted));
  for (uint32_t shard : wanted.shards) {
    if (loaded.generations[shard] == 0) return not_serving(shard);
  }
  return {};
}

Result<size_t> Queries::take(const AggregateType& type, const Filter& filter, std::span<const MergedEntry> entries,
                             size_t page_size, Page& page) {
  std::vector<AggregateRef> refs;
  for (const MergedEntry& merged : entries) refs.push_back({type.name, merged.entry.id});
  auto states = get(refs);
  for (size_t i = 0; i < states.size(); ++i) {
    if (page.items.size() == page_size) return i;
    // Gone since the index was read, or changed: the filter decides on what is there now.
    if (!states[i].ok() && states[i].code() != Code::kNotFound) return std::move(states[i]).error();
    if (states[i].ok() && filter.matches(**states[i])) page.items.push_back(std::move(*states[i]));
  }
  return states.size();
}

}  // namespace tandem
