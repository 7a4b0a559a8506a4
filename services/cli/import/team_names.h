// The salespeople and managers of an installation by name, as other systems write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::cli {

class TeamNames {
 public:
  TeamNames() = default;
  explicit TeamNames(std::vector<sales::v1::Team> teams) : teams_(std::move(teams)) {}

  // The id of the salesperson who has this name or id, in `team` if there is such a team, else in any. NOT_FOUND with
  // the nearest name; INVALID_ARGUMENT if the name is that of several.
  Result<std::string> member(std::string_view name, const std::string& team) const;
  // The id of the team that this person manages.
  Result<std::string> team_of(std::string_view manager) const;

 private:
  std::string name_of(const std::string& member) const;

  std::vector<sales::v1::Team> teams_;
};

}  // namespace tandem::cli
