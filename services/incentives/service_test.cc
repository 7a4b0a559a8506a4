#include "services/incentives/service.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tandem::incentives {
namespace {

TEST(IncentivesService, HasAMethodForEachOfTheContract) {
  const ServiceDefinition definition = service({});
  EXPECT_EQ(definition.name, "incentives");
  const auto* contract =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(definition.api.service());
  ASSERT_NE(contract, nullptr);
  std::set<std::string> expected, actual;
  for (int i = 0; i < contract->method_count(); ++i) expected.insert(contract->method(i)->name());
  for (const auto& [name, method] : definition.api.methods()) {
    actual.insert(name);
    EXPECT_NE(definition.registry.find(method.aggregate_type), nullptr) << name;
  }
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace tandem::incentives
