// What an import came to, as its user reads it.
#pragma once

#include <filesystem>

#include "services/cli/import/deal_import.h"
#include "services/cli/import/lead_import.h"
#include "services/cli/session.h"

namespace tandem::cli {

struct ImportReport {
  bool dry_run = false;
  const LeadImport* leads = nullptr;
  std::filesystem::path rejected_leads;  // where refused rows are, if there are any
  const DealImport* deals = nullptr;
  std::filesystem::path rejected_deals;
};

// Sentences, or JSON or YAML.
void print_report(Session& session, const ImportReport& report);

}  // namespace tandem::cli
