// Working hours as people write them: "Mon-Thu 09:00-12:00, 13:00-17:30; Fri 09:00-15:00 Europe/Berlin".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::cli {

// Without a zone. Days: Mon, Mon-Fri, Sat-Mon; hours until 24:00. Several of both, with semicolons between.
Result<std::vector<sales::v1::WorkingInterval>> parse_working_intervals(std::string_view text);
// The last word is the time zone, or else `default_zone` is.
Result<sales::v1::WorkingHours> parse_working_hours(std::string_view text, const std::string& default_zone);

}  // namespace tandem::cli
