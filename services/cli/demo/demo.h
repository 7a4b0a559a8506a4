// The demonstration: Nordlicht GmbH, which does not exist, sets itself up, captures leads as they come in life, works
// them, and pays its salespeople; then everything is counted, by what the services say and not by what was sent, and
// must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct DemoOptions {
  uint64_t leads = 5000;
  std::optional<double> rate;  // leads a second, in an open loop; else a closed loop
  size_t in_flight = 64;       // of the closed loop
  std::optional<uint64_t> seed;
};

// DATA_LOSS, in words, if the books do not balance.
Status run_demo(Session& session, const DemoOptions& options);

}  // namespace tandem::cli
