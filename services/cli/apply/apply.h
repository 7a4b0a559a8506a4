// `apply`: declarative YAML files become commands where what is there differs from what they say. Generic: how a kind
// of thing is defined, read and compared is a row of a table; fields come by reflection.
#pragma once

#include <functional>
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

// A file may have several documents. `kinds`: those that are welcome ("team", "pipeline", "campaign", "scoring",
// "plan"); empty: all. `name` is the file's, for errors: INVALID_ARGUMENT with every mistake as "file:line: path ...".
Result<std::vector<Applied>> apply_yaml(Session& session, const std::string& name, const std::string& text,
                                        const std::vector<std::string>& kinds, const ApplyOptions& options);
Result<std::vector<Applied>> apply_file(Session& session, const std::string& file,
                                        const std::vector<std::string>& kinds, const ApplyOptions& options);
// As the user reads it.
void print_applied(Session& session, const std::vector<Applied>& applied, bool dry_run);

}  // namespace tandem::cli
