// A sales team of the people who are named in a CSV file.
#pragma once

#include <filesystem>
#include <string>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct TeamImportOptions {
  std::filesystem::path file;
  std::string column;
  // A team's YAML as apply takes it. Its only member is the pattern that each of the file's members is like, but for
  // `member` and `name`.
  std::filesystem::path definition;
  bool dry_run = false;
  bool print = false;
};

// The same people, in alphabetical order, give the same team: doing it twice changes nothing.
Status import_team(Session& session, const TeamImportOptions& options);

}  // namespace tandem::cli
