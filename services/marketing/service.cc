#include "services/marketing/service.h"

#include "services/marketing/campaign.h"
#include "services/marketing/lead.h"
#include "services/marketing/scoring_policy.h"

namespace tandem::marketing {

ServiceDefinition service(const InstallationKeys& keys) {
  Registry registry;
  registry.add<Campaign>().add<ScoringPolicy>().add<Lead>();
  return {"marketing", std::move(registry), api(keys), reactions()};
}

}  // namespace tandem::marketing
