// Where reading of the log begins, as people write it: "beginning", "now", or "sales/0:17,sales/1:4".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/bus/tail.h"

namespace tandem::cli {

// INVALID_ARGUMENT, the field left empty.
Result<bus::TailStart> parse_start(std::string_view text);
// The form that parse_start takes; partitions of which nothing was read are left out.
std::string format_offsets(const std::map<Source, bus::Cursor>& cursors);

}  // namespace tandem::cli
