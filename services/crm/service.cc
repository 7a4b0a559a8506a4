#include "services/crm/service.h"

#include "services/crm/contract.h"
#include "services/crm/customer.h"
#include "services/crm/interaction.h"

namespace tandem::crm {

ServiceDefinition service(const InstallationKeys& keys) {
  Registry registry;
  registry.add<Customer>().add<Interaction>().add<Contract>();
  return {"crm", std::move(registry), api(keys), reactions()};
}

}  // namespace tandem::crm
