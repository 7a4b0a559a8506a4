#include <utility>

#include "services/crm/interaction.h"
#include "shared/base/services.h"
#include "tandem/sales/v1/events.pb.h"
#include "tests/simulation/simulation.h"
#include "tests/support/definitions.h"

namespace tandem::simulation {
namespace {

constexpr uint32_t kInserted = 12;

// The reaction that the upgrade brings: a note on the customer's timeline.
Commands congratulate(const sales::v1::DealWon& e) {
  crm::v1::RecordInteraction c;
  c.set_customer(e.customer());
  c.set_kind("congratulation");
  c.set_summary("congratulated");
  return to<crm::Interaction>("congratulation-" + e.opportunity(), std::move(c));
}

Definitions make() {
  const InstallationKeys keys{"the key of the simulation"};
  Definitions all;
  all.event = sales::v1::DealWon::descriptor()->full_name();
  for (const std::string& name : kServices) {
    all.before.push_back(testing::definition_of(name, keys));
    all.after.push_back(testing::definition_of(name, keys));
    if (name != "crm") continue;
    all.upgraded = all.after.size() - 1;
    all.after.back().reactions.on<sales::v1::DealWon>(kInserted, congratulate);
  }
  return all;
}

}  // namespace

const Definitions& definitions() {
  static const Definitions all = make();
  return all;
}

}  // namespace tandem::simulation
