// What both inspections have in common: to whom an entry of an index belongs, and what takes an aggregate from one dump
// to another.
#pragma once

#include <string>
#include <vector>

#include "shared/aggregate/inspection.h"

namespace tandem::store {

// The aggregate that has the entry, from the index's name ("lead", "lead:status=QUALIFIED"; "parked" names both).
AggregateRef owner_of(const std::string& index, const std::string& id);
// How the aggregate stands in that index.
std::string id_in(const std::string& index, const AggregateRef& ref);

std::vector<IndexChange> index_repairs(const AggregateRef& ref, const AggregateDump& found, const AggregateDump& right);
std::vector<TimerChange> timer_repairs(const AggregateRef& ref, const AggregateDump& found, const AggregateDump& right);

}  // namespace tandem::store
