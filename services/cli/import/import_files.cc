#include "services/cli/import/import_files.h"

#include <algorithm>

#include "services/cli/import/rejections.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

bool asks_for_names(const Mapping& mapping) {
  if (!mapping.deals) return false;
  return std::any_of(mapping.deals->open.begin(), mapping.deals->open.end(),
                     [](const FieldRule& rule) { return rule.names != FieldRule::Names::kNone; });
}

Result<TeamNames> read_team_names(Session& session) {
  std::vector<sales::v1::Team> teams;
  TANDEM_RETURN_IF_ERROR(session.pages<sales::v1::ListTeamsResult>(std::string(kSales) + "ListTeams", {},
                                                                   [&](sales::v1::ListTeamsResult& page) {
                                                                     for (auto& team : *page.mutable_teams())
                                                                       teams.push_back(std::move(team));
                                                                     return true;
                                                                   }));
  return TeamNames(std::move(teams));
}

// Also a file of rows that an earlier run has refused.
Result<CsvTable> read_rows(const std::filesystem::path& file, const ImportOptions& options, const Mapping& mapping) {
  CsvOptions csv = mapping.csv;
  csv.latin1 = options.latin1;
  TANDEM_ASSIGN_OR_RETURN(CsvTable table, read_csv(file, csv));
  drop_rejection_columns(table);
  return table;
}

}  // namespace

Result<ImportSource> open_source(Session& session, const ImportOptions& options, const std::string& kind) {
  TANDEM_ASSIGN_OR_RETURN(const std::string text, read_whole_file(options.mapping));
  ImportSource source;
  TANDEM_ASSIGN_OR_RETURN(source.mapping, parse_mapping(options.mapping.string(), text, kind));
  TANDEM_ASSIGN_OR_RETURN(source.table, read_rows(options.file, options, source.mapping));
  if (kind == "leads") {
    TANDEM_RETURN_IF_ERROR(check_columns(source.mapping, source.table));
  } else {
    TANDEM_RETURN_IF_ERROR(check_columns(*source.mapping.deals, source.table));
  }
  if (options.limit > 0 && source.table.rows.size() > options.limit) source.table.rows.resize(options.limit);
  if (asks_for_names(source.mapping)) {
    TANDEM_ASSIGN_OR_RETURN(source.names, read_team_names(session));
  }
  return source;
}

Result<CsvTable> open_joined(const ImportOptions& options, const Mapping& mapping) {
  std::filesystem::path file = options.deals;
  if (file.empty()) file = options.file.parent_path() / mapping.deals->file;
  std::error_code no_file;
  if (options.deals.empty() && !std::filesystem::exists(file, no_file)) {
    return make_error(Code::kNotFound, file.string(),
                      "is not there: the mapping's file of deals is looked for beside FILE",
                      "name the leads' deals with --deals");
  }
  TANDEM_ASSIGN_OR_RETURN(CsvTable table, read_rows(file, options, mapping));
  TANDEM_RETURN_IF_ERROR(check_columns(*mapping.deals, table));
  return table;
}

std::string row_id(const std::string& kind, const std::string& source, const std::string& purpose,
                   const std::vector<std::string>& key) {
  // The key's parts, each with its length: ("ab", "c") is another key than ("a", "bc").
  std::string parts;
  for (const std::string& part : key) parts += std::to_string(part.size()) + ":" + part;
  return derive_id(kind, {"row", source, purpose, parts});
}

}  // namespace tandem::cli
