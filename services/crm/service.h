// The CRM service: customers, their timeline, their contracts.
#pragma once

#include "shared/aggregate/service_definition.h"

namespace tandem::crm {

ServiceDefinition service(const InstallationKeys& keys);

// Its parts.
Api api(const InstallationKeys& keys);
Reactions reactions();

}  // namespace tandem::crm
