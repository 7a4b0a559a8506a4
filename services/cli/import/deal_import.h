// Deals that another system exported: opened, and closed where they are closed, in their time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/cli/import/deal_rows.h"
#include "services/cli/import/rejections.h"
#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

class DealImport {
 public:
  struct Counts {
    uint64_t rows = 0;
    uint64_t fresh = 0;      // something happened to them
    uint64_t unchanged = 0;  // imported before
    // What they are now, of both.
    uint64_t won = 0;
    uint64_t lost = 0;
    uint64_t open = 0;
    std::map<std::string, int64_t> won_minor;  // by currency
  };

  // All that is given must outlive it. `leads`: see prepare_deals.
  DealImport(Session& session, const Mapping& mapping, const CsvTable& table, const TeamNames& names,
             const LeadImport* leads, bool dry_run);

  // An error: it was broken off, and can be run again.
  Status run();

  const Counts& counts() const { return counts_; }
  const Rejections& rejections() const { return rejections_; }

 private:
  struct Fate {
    bool refused = false;
    bool changed = false;
  };

  Status add_customers();
  void sign_all();
  Status open();
  Status close(const std::string& outcome, bool dry_run, bool is_check);
  Status count();
  void refuse(size_t index, const Error& error, const std::vector<FieldRule>& rules);

  Session& session_;
  const Mapping& mapping_;
  const CsvTable& table_;
  const TeamNames& names_;
  const LeadImport* const leads_;
  const bool dry_run_;
  std::vector<DealRow> deals_;
  std::vector<Fate> fates_;  // of each in deals_
  Counts counts_;
  Rejections rejections_;
};

}  // namespace tandem::cli
