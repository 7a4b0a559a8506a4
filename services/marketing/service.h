// The marketing service: campaigns, scoring policies, leads.
#pragma once

#include "shared/aggregate/service_definition.h"

namespace tandem::marketing {

ServiceDefinition service(const InstallationKeys& keys);

// Its parts.
Api api(const InstallationKeys& keys);
Reactions reactions();

}  // namespace tandem::marketing
