// Each service's code against its contract: what keeps it from starting is found here.
#include <gtest/gtest.h>

#include "services/crm/service.h"
#include "services/incentives/service.h"
#include "services/marketing/service.h"
#include "services/sales/service.h"
#include "shared/rpc/policy.h"

namespace tandem {
namespace {

TEST(Services, ServeTheirContractsWhole) {
  const InstallationKeys keys{"key"};
  for (const ServiceDefinition& definition :
       {marketing::service(keys), sales::service(keys), crm::service(keys), incentives::service(keys)}) {
    const auto table = rpc::MethodTable::build(definition.api, definition.registry);
    EXPECT_TRUE(table.ok()) << (table.ok() ? "" : to_line(table.error()));
    EXPECT_EQ(definition.api.service().find("tandem." + definition.name + ".v1."), 0u);
  }
}

// Lists look into an index named like the filter; a name that is no field would never be found.
TEST(Services, IndexNamesArePathsOfTheState) {
  const InstallationKeys keys{"key"};
  for (const ServiceDefinition& definition :
       {marketing::service(keys), sales::service(keys), crm::service(keys), incentives::service(keys)}) {
    for (const auto& [name, type] : definition.registry.types()) {
      for (const auto& [path, value] : type.indexes(*type.state_prototype).by) {
        const auto* descriptor = type.state_prototype->GetDescriptor();
        for (size_t at = 0; at != std::string::npos;) {
          const size_t dot = path.find('.', at);
          ASSERT_NE(descriptor, nullptr) << name << ": " << path;
          const auto* field = descriptor->FindFieldByName(path.substr(at, dot - at));
          ASSERT_NE(field, nullptr) << name << " has an index by \"" << path << "\", which is no field";
          descriptor = field->message_type();
          at = dot == std::string::npos ? dot : dot + 1;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tandem
