// Rows of a CSV file as commands that open deals and close them, before anything is sent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "services/cli/import/lead_import.h"
#include "services/cli/import/mapping.h"
#include "services/cli/import/rejections.h"
#include "services/cli/import/team_names.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {

struct DealRow {
  size_t at = 0;        // position in the table
  std::string outcome;  // "open", "won" or "lost"
  sales::v1::OpenDeal open;
  sales::v1::WinDeal win;    // if won
  sales::v1::LoseDeal lose;  // if lost
  size_t lead_row = 0;       // of a deal that belongs to a lead
};

// Takes out the deals of leads that are not among `leads`, and says how many. Ragged rows stay: nobody knows whose they
// are.
uint64_t drop_other_deals(CsvTable& deals, const DealRules& rules, const LeadImport& leads);

// The deals that can be tried; the others go to `rejections`. `leads`: whose deals these are; null: they have none.
std::vector<DealRow> prepare_deals(const Mapping& mapping, const CsvTable& table, const TeamNames& names,
                                   const LeadImport* leads, Rejections& rejections);

}  // namespace tandem::cli
