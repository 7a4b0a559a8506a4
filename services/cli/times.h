// Times as people write them on the command line and in YAML files.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem::cli {

// RFC 3339, or a date, which means the start of that day in `zone`. INVALID_ARGUMENT for anything else.
Result<Instant> parse_time(std::string_view text, const Zone& zone = Zone());

// "2026-10-05 13:00:00Z": to the second.
std::string readable_time(Instant instant);

}  // namespace tandem::cli
