#include "services/incentives/service.h"

#include "services/incentives/api.h"
#include "services/incentives/entry.h"
#include "services/incentives/ledger.h"
#include "services/incentives/plan.h"
#include "services/incentives/reactions.h"
#include "services/incentives/statement.h"

namespace tandem::incentives {

ServiceDefinition service(const InstallationKeys&) {
  Registry registry;
  registry.add<Plan>().add<Ledger>().add<Statement>().add<Entry>();
  return {"incentives", std::move(registry), api(), reactions()};
}

}  // namespace tandem::incentives
