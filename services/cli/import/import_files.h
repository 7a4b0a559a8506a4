// What imports have in common: their options, reading the files, and the ids that derive from rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "services/cli/import/mapping.h"
#include "services/cli/import/team_names.h"
#include "services/cli/session.h"
#include "shared/aggregate/instance.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct ImportOptions {
  std::filesystem::path file;
  std::filesystem::path mapping;
  std::filesystem::path deals;            // the joined file; empty: what the mapping says, beside `file`
  std::filesystem::path rejected_folder;  // empty: the current one, since the data's may be read-only
  bool latin1 = false;
  bool dry_run = false;
  uint64_t limit = 0;  // rows; 0 = all
};

struct ImportSource {
  Mapping mapping;
  CsvTable table;
  TeamNames names;  // only filled if the mapping asks for names
};

// `kind`: "leads" or "deals".
Result<ImportSource> open_source(Session& session, const ImportOptions& options, const std::string& kind);
Result<CsvTable> open_joined(const ImportOptions& options, const Mapping& mapping);

// The id of what a row becomes: `kind` is "opportunity", or "import" for request ids, then `purpose` tells them apart.
std::string row_id(const std::string& kind, const std::string& source, const std::string& purpose,
                   const std::vector<std::string>& key);

// Makes a row's command, which must be filled by then, ready to be sent. The same content again is the same request;
// another one is judged on its own.
template <class Command>
void sign(Command& command, const std::string& source, const std::string& purpose, bool dry_run) {
  command.set_request_id(row_id("import", source, purpose, {serialize(command)}));
  command.set_validate_only(dry_run);
}

}  // namespace tandem::cli
