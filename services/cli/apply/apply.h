// `apply`: declarative YAML files become commands where what is there differs from what they say. Generic: how a kind
// of thing is defined, read and compared is a row of a table; fields come by reflection.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct Applied {
  enum class What { kUnchanged, kCreated, kChanged };
  std::string kind;  // "team"
  std::string id;
  What what = What::kUnchanged;
  std::vector<std::string> changes;  // "members[ana].weight: 3 -> 5"
};

struct ApplyOptions {
  bool dry_run = false;
  std::string request_id;  // empty: drawn for every document
  bool published = false;
};

struct ApplyFile {
  std::string name;  // for errors
  std::string text;
};
Result<ApplyFile> read_apply_file(Session& session, const std::string& name);

// A file may have several documents. All files are read and checked before the first document is applied; then they
// come in the order in which one needs another. `kinds`: those that are welcome ("team", "pipeline", "campaign",
// "scoring", "plan"); empty: all. INVALID_ARGUMENT with every mistake as "file:line: path ...". `applied` gets what was
// done, also where a service refuses one of them: then the rest is not done.
Status apply_files(Session& session, const std::vector<ApplyFile>& files, const std::vector<std::string>& kinds,
                   const ApplyOptions& options, std::vector<Applied>& applied);
// As the user reads it. `end`: how it ended; the error itself is said elsewhere.
void print_applied(Session& session, const std::vector<Applied>& applied, bool dry_run, const Status& end);

}  // namespace tandem::cli
