// Rows of a CSV file become leads, or touches of known ones.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "services/cli/import/mapping.h"
#include "services/cli/import/rejections.h"
#include "services/cli/session.h"
#include "shared/base/result.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {

class LeadImport {
 public:
  struct Counts {
    uint64_t rows = 0;
    uint64_t fresh = 0;      // leads that were not known
    uint64_t touches = 0;    // of known ones
    uint64_t unchanged = 0;  // imported before
  };

  // All that is given must outlive it. `dry_run`: the service decides everything and does nothing.
  LeadImport(Session& session, const Mapping& mapping, const CsvTable& table, bool dry_run);

  // An error: it was broken off, and can be run again.
  Status run();

  const Counts& counts() const { return counts_; }
  const Rejections& rejections() const { return rejections_; }

  struct Row {
    marketing::v1::CaptureLead command;
    std::string lead;  // its id; empty if the row was refused
  };
  // The row with this key; the table's size if there is none.
  size_t find(const std::vector<std::string>& key) const;
  const Row& row(size_t at) const { return rows_.at(at); }
  uint64_t line(size_t at) const { return table_.rows.at(at).line; }

 private:
  void prepare(size_t at);
  void on_answer(size_t at, Result<type::v1::CommandResult> result);

  Session& session_;
  const Mapping& mapping_;
  const CsvTable& table_;
  const bool dry_run_;
  std::vector<Row> rows_;
  std::map<std::vector<std::string>, size_t> by_key_;
  // Of a dry run: leads that earlier rows would make.
  std::set<std::string> made_;
  Counts counts_;
  Rejections rejections_;
};

}  // namespace tandem::cli
