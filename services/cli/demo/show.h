// What the demonstration leaves the user with: one cent and where it came from, and commands to go on with.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem::cli {

struct Shown {
  std::string chain;                  // of one entry of commission, back to the touch
  std::vector<std::string> commands;  // whole lines, with ids that are there
};
Result<Shown> something_to_show(Session& session, const Period& paid_period);

}  // namespace tandem::cli
