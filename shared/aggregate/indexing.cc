#include "shared/aggregate/indexing.h"

#include <set>
#include <utility>

namespace tandem {
namespace {

// (index, order): an entry's place. The same index with another order is another entry.
using Entries = std::set<std::pair<std::string, std::string>>;

Entries entries_of(std::string_view type, const std::optional<Indexes>& indexes) {
  Entries entries;
  if (!indexes) return entries;
  entries.emplace(index_name(type), indexes->order);
  for (const auto& [path, value] : indexes->by) entries.emplace(index_name(type, path, value), indexes->order);
  return entries;
}

void add_missing(const Entries& from, const Entries& in, const std::string& id, bool add,
                 std::vector<IndexChange>& changes) {
  for (const auto& [index, order] : from) {
    if (!in.contains({index, order})) changes.push_back({index, order, id, add});
  }
}

}  // namespace

std::string index_name(std::string_view type) { return std::string(type); }

std::string index_name(std::string_view type, std::string_view path, std::string_view value) {
  std::string name;
  name.reserve(type.size() + path.size() + value.size() + 2);
  name.append(type).append(":").append(path).append("=").append(value);
  return name;
}

std::vector<IndexChange> index_changes(std::string_view type, const std::string& id,
                                       const std::optional<Indexes>& before, const std::optional<Indexes>& after) {
  const Entries old_entries = entries_of(type, before);
  const Entries new_entries = entries_of(type, after);
  std::vector<IndexChange> changes;
  add_missing(old_entries, new_entries, id, false, changes);
  add_missing(new_entries, old_entries, id, true, changes);
  return changes;
}

}  // namespace tandem
