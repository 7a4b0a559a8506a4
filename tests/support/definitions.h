// The services' definitions by name, for tests that look at all of them.
#pragma once

#include <string>

#include "shared/aggregate/service_definition.h"

namespace tandem::testing {

// "marketing", "sales", "crm" or "incentives"; throws std::out_of_range for another.
ServiceDefinition definition_of(const std::string& service, const InstallationKeys& keys);

}  // namespace tandem::testing
