// How every service of an installation is.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::cli {

struct ServiceReport {
  std::string name;   // of the process: "sales", "sales.2"
  bool first = true;  // of its service: what is the whole service's (events, unpublished, parked) is counted once
  std::string address;
  std::optional<runtime::v1::ServiceStatus> status;  // none: it does not answer
  std::vector<std::string> wrong;                    // in words; empty if it is well
  std::chrono::microseconds clock_ahead{};           // of ours; that of the service may be another machine's
};

// Asks all services. An error only if nobody knows where they are.
Result<std::vector<ServiceReport>> survey(Session& session);
void print_status(Session& session, const std::vector<ServiceReport>& report);
// FAILED_PRECONDITION, naming what is wrong, unless all is well.
Status verdict(Session& session, const std::vector<ServiceReport>& report);

}  // namespace tandem::cli
