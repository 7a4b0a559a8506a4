// The services of an installation, in the order in which they are started and shown.
#pragma once

#include <string>
#include <vector>

namespace tandem {

inline const std::vector<std::string> kServices = {"marketing", "sales", "crm", "incentives"};

}  // namespace tandem
