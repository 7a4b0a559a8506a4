// What a deal takes over from the lead that it belongs to.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct LeadOrigin {
  std::string customer;
  std::string touch;  // the one that began the lead
  std::string campaign;
};

// One for each id, many asked for at a time. A lead that does not exist yet, in a dry run, has the customer that it
// will have.
Result<std::vector<LeadOrigin>> look_up_leads(Session& session, const std::vector<std::string>& ids);

}  // namespace tandem::cli
