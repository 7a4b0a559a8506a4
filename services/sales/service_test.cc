#include "services/sales/service.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "services/sales/sales_testing.h"
#include "tandem/policy/v1/policy.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {
namespace {

const google::protobuf::ServiceDescriptor& contract() {
  return *v1::DefineTeam::descriptor()->file()->FindServiceByName("SalesService");
}

TEST(SalesService, EveryMethodOfTheContractIsServedAndNoOther) {
  const auto definition = service({});
  EXPECT_EQ(definition.name, "sales");
  EXPECT_EQ(definition.api.service(), contract().full_name());
  for (int i = 0; i < contract().method_count(); ++i) {
    const auto& method = *contract().method(i);
    EXPECT_EQ(definition.api.methods().count(method.name()), 1U) << method.name();
    EXPECT_FALSE(method.options().GetExtension(policy::v1::method).roles().empty()) << method.name();
  }
  EXPECT_EQ(definition.api.methods().size(), static_cast<size_t>(contract().method_count()));
}

TEST(SalesService, EveryCommandIsForAnAggregateThatDecidesIt) {
  const auto definition = service({});
  for (const auto& [name, method] : definition.api.methods()) {
    const auto* type = definition.registry.find(method.aggregate_type);
    ASSERT_NE(type, nullptr) << name;
    const auto* described = contract().FindMethodByName(name);
    if (method.kind == ApiMethod::Kind::kCommand) {
      EXPECT_EQ(type->commands.count(described->input_type()->full_name()), 1U) << name;
    } else if (method.kind == ApiMethod::Kind::kGet) {
      EXPECT_EQ(described->output_type(), type->state_prototype->GetDescriptor()) << name;
    } else {
      EXPECT_EQ(described->output_type()->field(0)->message_type(), type->state_prototype->GetDescriptor()) << name;
    }
  }
}

TEST(SalesService, ADealsIdIsTheGivenOneOrDerivedFromTheRequest) {
  const auto definition = service({});
  v1::OpenDeal c;
  const auto& target = definition.api.methods().at("OpenDeals").target;
  const auto derived = target(c, {"request-1"}).value();
  EXPECT_EQ(derived.substr(0, 12), "opportunity-");
  EXPECT_EQ(target(c, {"request-1"}).value(), derived);
  EXPECT_NE(target(c, {"request-2"}).value(), derived);
  c.set_opportunity("olist-1");
  EXPECT_EQ(target(c, {"request-1"}).value(), "olist-1");
}

}  // namespace
}  // namespace tandem::sales
