// Whom a team's deals pay, by date: a deal that becomes known late is paid by the plans and the manager of the day it
// was won.
#pragma once

#include <optional>
#include <string>

#include "shared/base/time.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::sales {

// The plan of a member, or nothing for who was in the team neither then nor later.
std::optional<std::string> plan_at(const v1::Team& team, const std::string& member, Instant at);

struct TeamManager {
  std::string manager;  // may be empty
  std::string plan;
};
TeamManager manager_at(const v1::Team& team, Instant at);

// Keeps what `next` changes of the team's definition as what was in force until `from`. A definition that is dated back
// counts from its date on, whatever was in force then.
void note_former(v1::Team& team, const v1::TeamDefinition& next, Instant from);

}  // namespace tandem::sales
