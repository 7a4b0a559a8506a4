// For tests: an instant as it is written.
#pragma once

#include <string_view>

#include "shared/base/time.h"

namespace tandem {

inline Instant at(std::string_view text) { return parse_instant(text).value(); }

}  // namespace tandem
