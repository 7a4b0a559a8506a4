#include "services/cli/import/team_names.h"

#include <set>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

Error unknown(std::string_view name, const std::string& what, const std::vector<std::string>& known) {
  return make_error(Code::kNotFound, "", "\"" + std::string(name) + "\" is not " + what, did_you_mean(name, known));
}

// The only one, or why there is none.
Result<std::string> only(const std::set<std::string>& found, std::string_view name, const std::string& what,
                         const std::vector<std::string>& known) {
  if (found.empty()) return unknown(name, what, known);
  if (found.size() == 1) return *found.begin();
  return invalid("", "\"" + std::string(name) + "\" may be " + join(std::vector(found.begin(), found.end()), " or "),
                 "map it to one of these ids");
}

}  // namespace

std::string TeamNames::name_of(const std::string& member) const {
  for (const auto& team : teams_) {
    for (const auto& definition : team.definition().members()) {
      if (definition.member() == member) return definition.name();
    }
  }
  return "";
}

Result<std::string> TeamNames::member(std::string_view name, const std::string& team) const {
  bool team_known = false;
  for (const auto& candidate : teams_) team_known = team_known || candidate.team() == team;
  std::set<std::string> found;
  std::vector<std::string> known;
  for (const auto& candidate : teams_) {
    if (team_known && candidate.team() != team) continue;
    for (const auto& member : candidate.definition().members()) {
      if (member.member() == name) return member.member();
      if (member.name() == name) found.insert(member.member());
      known.push_back(member.name().empty() ? member.member() : member.name());
    }
  }
  return only(found, name, "a salesperson" + (team_known ? " of team " + team : ""), known);
}

Result<std::string> TeamNames::team_of(std::string_view manager) const {
  std::set<std::string> found;
  std::vector<std::string> known;
  for (const auto& team : teams_) {
    const std::string& id = team.definition().manager();
    if (id.empty()) continue;
    const std::string full_name = name_of(id);
    if (id == manager || full_name == manager) found.insert(team.team());
    known.push_back(full_name.empty() ? id : full_name);
  }
  return only(found, manager, "the manager of a team", known);
}

}  // namespace tandem::cli
