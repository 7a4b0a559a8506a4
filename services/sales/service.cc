#include "services/sales/service.h"

#include "services/sales/assignment.h"
#include "services/sales/opportunity.h"
#include "services/sales/pipeline.h"
#include "services/sales/team.h"

namespace tandem::sales {

// No id here stands for a person, so the keys are not needed.
ServiceDefinition service(const InstallationKeys&) {
  Registry registry;
  registry.add<Team>().add<Assignment>().add<Pipeline>().add<Opportunity>();
  return {"sales", std::move(registry), api(), reactions()};
}

}  // namespace tandem::sales
