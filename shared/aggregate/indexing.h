// How indexes are named in the store, and what must change in them when an aggregate's state did. The engine writes
// with it, lists read with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/store.h"

namespace tandem {

// The index of all aggregates of a type: "lead".
std::string index_name(std::string_view type);
// The index of those whose field has a value: "lead:status=QUALIFIED". Values are as filters write them: an enum by its
// value's name without the type's prefix, a boolean as true or false, a number in decimal.
std::string index_name(std::string_view type, std::string_view path, std::string_view value);

// What takes the entries of an aggregate from those of `before` to those of `after`, removals first; nothing for what
// is in both. Absent = the aggregate did not exist, or is gone: it has no entries. Pairs named twice count once.
std::vector<IndexChange> index_changes(std::string_view type, const std::string& id,
                                       const std::optional<Indexes>& before, const std::optional<Indexes>& after);

}  // namespace tandem
