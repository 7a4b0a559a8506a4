#include "shared/store/inspecting.h"

#include "shared/aggregate/instance.h"

namespace tandem::store {

AggregateRef owner_of(const std::string& index, const std::string& id) {
  if (index != kParkedIndex) return {index.substr(0, index.find(':')), id};
  const size_t slash = id.find('/');
  return {id.substr(0, slash), slash == std::string::npos ? "" : id.substr(slash + 1)};
}

std::string id_in(const std::string& index, const AggregateRef& ref) {
  return index == kParkedIndex ? ref.type + "/" + ref.id : ref.id;
}

std::vector<IndexChange> index_repairs(const AggregateRef& ref, const AggregateDump& found,
                                       const AggregateDump& right) {
  std::vector<IndexChange> repairs;
  for (const auto& [index, order] : found.indexes) {
    if (!right.indexes.contains({index, order})) repairs.push_back({index, order, id_in(index, ref), false});
  }
  for (const auto& [index, order] : right.indexes) {
    if (!found.indexes.contains({index, order})) repairs.push_back({index, order, id_in(index, ref), true});
  }
  return repairs;
}

std::vector<TimerChange> timer_repairs(const AggregateRef& ref, const AggregateDump& found,
                                       const AggregateDump& right) {
  std::vector<TimerChange> repairs;
  for (const auto& [name, due] : found.timers) {
    if (!right.timers.contains(name)) repairs.push_back({{ref, name}, std::nullopt});
  }
  for (const auto& [name, due] : right.timers) {
    const auto old = found.timers.find(name);
    if (old == found.timers.end() || old->second != due) repairs.push_back({{ref, name}, due});
  }
  return repairs;
}

}  // namespace tandem::store
