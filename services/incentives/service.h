// The incentives service, apart from the world: its aggregates, its methods and its reactions.
#pragma once

#include "shared/aggregate/service_definition.h"

namespace tandem::incentives {

ServiceDefinition service(const InstallationKeys& keys);

}  // namespace tandem::incentives
