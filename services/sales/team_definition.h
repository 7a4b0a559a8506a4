// What makes a team's definition valid, whom it names, and whom a salesperson acts for.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <chrono>
#include <string>
#include <vector>

#include "shared/aggregate/context.h"
#include "shared/base/time.h"
#include "shared/base/violations.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::sales {

// Within how much of a member's working time a lead must be accepted.
std::chrono::seconds accept_within(const v1::TeamDefinition& definition);

// All that is wrong with a definition in itself; fields begin with "definition.".
void check(const v1::TeamDefinition& definition, Violations& violations);

// Each part of a leave ends after it begins. `field` is its path.
void check_leave(const google::protobuf::RepeatedPtrField<type::v1::TimeRange>& leave, const std::string& field,
                 Violations& violations);

// nullptr if they are not in it.
const v1::MemberDefinition* find_member(const v1::TeamDefinition& definition, const std::string& member);

// A salesperson acts for themselves only; everyone else may for anybody.
bool acts_for_another(const CallerInfo& caller, const std::string& name);

// Adds that `member` is not in the team, with the nearest id or name.
void add_unknown_member(const v1::TeamDefinition& definition, const std::string& team, const std::string& member,
                        const std::string& field, Violations& violations);

}  // namespace tandem::sales
