#include "services/cli/import/team_import.h"

#include <ostream>
#include <set>

#include "services/cli/apply/apply.h"
#include "services/cli/apply/yaml_message.h"
#include "services/cli/import/csv.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

Result<std::set<std::string>> values_of(const CsvTable& table, const std::string& column) {
  const int at = table.find(column);
  if (at < 0) {
    return make_error(Code::kNotFound, table.file, "has no column \"" + column + "\"",
                      did_you_mean(column, table.columns));
  }
  std::set<std::string> values;
  for (const CsvRow& row : table.rows) {
    if (row.cells.size() != table.columns.size()) {
      return invalid(table.file + ":" + std::to_string(row.line), "has " + std::to_string(row.cells.size()) + " cells",
                     "make it " + std::to_string(table.columns.size()) + ", as there are columns");
    }
    const std::string value(trim(row.cells[static_cast<size_t>(at)]));
    if (!value.empty()) values.insert(value);
  }
  if (values.empty()) return invalid(table.file, "has nobody in column \"" + column + "\"", "name another column");
  return values;
}

Result<std::string> with_members(const std::string& file, const std::string& text,
                                 const std::set<std::string>& people) {
  TANDEM_ASSIGN_OR_RETURN(auto documents, parse_yaml(file, text));
  const bool one_team = documents.size() == 1 && documents[0].IsMap();
  const YAML::Node pattern = one_team ? documents[0]["members"] : YAML::Node();
  if (!one_team || !pattern || !pattern.IsSequence() || pattern.size() != 1 || !pattern[0].IsMap()) {
    return invalid(file, "is not one team with one member as a pattern", "see deploy/samples/olist/team.yaml");
  }
  YAML::Node members(YAML::NodeType::Sequence);
  for (const std::string& person : people) {
    YAML::Node member;
    member["member"] = person;
    member["name"] = person;
    for (const auto& entry : pattern[0]) {
      const std::string key = entry.first.Scalar();
      if (key != "member" && key != "name") member[key] = YAML::Clone(entry.second);
    }
    members.push_back(member);
  }
  documents[0]["members"] = members;
  YAML::Emitter out;
  out << documents[0];
  return std::string(out.c_str()) + "\n";
}

}  // namespace

Status import_team(Session& session, const TeamImportOptions& options) {
  TANDEM_ASSIGN_OR_RETURN(const CsvTable table, read_csv(options.file, {}));
  TANDEM_ASSIGN_OR_RETURN(const auto people, values_of(table, options.column));
  TANDEM_ASSIGN_OR_RETURN(const std::string definition, read_whole_file(options.definition));
  const std::string name = options.definition.string();
  TANDEM_ASSIGN_OR_RETURN(const std::string team, with_members(name, definition, people));
  if (options.print) {
    session.out() << team;
    return {};
  }
  ApplyOptions apply;
  apply.dry_run = options.dry_run;
  std::vector<Applied> applied;
  const Status end = apply_files(session, {{name, team}}, {"team"}, apply, applied);
  print_applied(session, applied, options.dry_run, end);
  return end;
}

}  // namespace tandem::cli
