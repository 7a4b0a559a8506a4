// All that sales is, apart from the world.
#pragma once

#include "shared/aggregate/service_definition.h"

namespace tandem::sales {

ServiceDefinition service(const InstallationKeys& keys);

// Its parts.
Api api();
Reactions reactions();

}  // namespace tandem::sales
