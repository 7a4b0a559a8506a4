#include "tests/support/definitions.h"

#include <map>

#include "services/crm/service.h"
#include "services/incentives/service.h"
#include "services/marketing/service.h"
#include "services/sales/service.h"

namespace tandem::testing {

ServiceDefinition definition_of(const std::string& service, const InstallationKeys& keys) {
  using Make = ServiceDefinition (*)(const InstallationKeys&);
  static const std::map<std::string, Make> all{{"marketing", marketing::service},
                                               {"sales", sales::service},
                                               {"crm", crm::service},
                                               {"incentives", incentives::service}};
  return all.at(service)(keys);
}

}  // namespace tandem::testing
