#include "shared/rpc/policy.h"

#include <gtest/gtest.h>

#include "shared/rpc/fake_service_testing.h"
#include "shared/rpc/intake.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::rpc {
namespace {

using testing::fake_api;
using testing::fake_registry;
using testing::FakeCampaign;
using testing::FakeLead;
using testing::kService;
namespace mv1 = marketing::v1;

std::string problems_of(const Api& api, const Registry& registry, const std::vector<ExtraService>& extras = {}) {
  const auto table = MethodTable::build(api, registry, extras);
  return table.ok() ? "" : to_line(table.error());
}

TEST(MethodTable, KnowsEachMethod) {
  const auto table = MethodTable::build(fake_api(), fake_registry());
  ASSERT_TRUE(table.ok()) << (table.ok() ? "" : to_line(table.error()));
  EXPECT_EQ(table->size(), 16u);
  const Method* capture = table->find("/" + std::string(kService) + "/CaptureLeads");
  ASSERT_NE(capture, nullptr);
  EXPECT_EQ(capture->kind, Method::Kind::kCommandStream);
  EXPECT_EQ(capture->request_id->name(), "request_id");
  EXPECT_EQ(capture->occurred_at->name(), "occurred_at");
  EXPECT_EQ(capture->acknowledgement->name(), "acknowledgement");
  EXPECT_EQ(table->find("/" + std::string(kService) + "/GetLead")->id->name(), "lead");
  EXPECT_EQ(table->find("/" + std::string(kService) + "/ListLeads")->items->name(), "leads");
  EXPECT_EQ(table->find("CaptureLeads"), nullptr);
}

TEST(MethodTable, IsNotBuiltWhereContractAndCodeDisagree) {
  EXPECT_THAT(problems_of(Api("tandem.nothing.v1.NothingService"), fake_registry()),
              ::testing::HasSubstr("is no service of the contracts"));
  EXPECT_THAT(problems_of(Api(kService), fake_registry()),
              ::testing::AllOf(::testing::HasSubstr("MarketingService.CaptureLead is in the contract, but nothing"),
                               ::testing::HasSubstr("MarketingService.ListLeads is in the contract")));
  Api more = fake_api();
  more.get<FakeLead>("GetLaed");
  EXPECT_THAT(problems_of(more, fake_registry()), ::testing::HasSubstr("GetLaed is no method of the contract"));
  EXPECT_THAT(problems_of(fake_api(), Registry()), ::testing::HasSubstr("\"lead\", which is unknown"));
}

TEST(MethodTable, IsNotBuiltWhereAMethodHasTheWrongShape) {
  Api api(kService);
  api.get<FakeLead>("GetCampaign");
  api.list<FakeLead>("ListCampaigns");
  api.command<FakeLead, mv1::GetLead>("GetLead", [](const auto& c) { return c.lead(); });
  const std::string problems = problems_of(api, fake_registry());
  EXPECT_THAT(problems, ::testing::HasSubstr("let it answer the state, tandem.marketing.v1.Lead"));
  EXPECT_THAT(problems, ::testing::HasSubstr("let it answer repeated states"));
  EXPECT_THAT(problems, ::testing::HasSubstr("let it answer tandem.type.v1.CommandResult"));
  EXPECT_THAT(problems, ::testing::HasSubstr("takes a command without request_id"));
  EXPECT_THAT(problems, ::testing::HasSubstr("\"lead\" does not decide"));
}

TEST(MethodTable, RefusesMethodsWithoutRoles) {
  // gRPC's own contracts have none.
  ExtraService health{"grpc.health.v1.Health", {}};
  health.methods["Check"].read = [](const auto&, const auto&) -> Result<std::unique_ptr<google::protobuf::Message>> {
    return make_error(Code::kInternal, "never called");
  };
  EXPECT_THAT(problems_of(fake_api(), fake_registry(), {health}), ::testing::HasSubstr("Health.Check has no roles"));
}

TEST(MethodTable, TakesWhatTheRuntimeOffers) {
  using Read = Result<std::unique_ptr<google::protobuf::Message>>;
  ExtraService admin{"tandem.runtime.v1.AdminService", {}};
  for (const char* name : {"GetStatus", "ListParked"}) {
    admin.methods[name].read = [](const auto&, const auto&) -> Read { return make_error(Code::kInternal, "unused"); };
  }
  for (const char* name : {"RetryParked", "DiscardParked"}) {
    admin.methods[name].target = [](const auto&) -> Result<AggregateRef> { return AggregateRef{"lead", "lead-1"}; };
  }
  const auto table = MethodTable::build(fake_api(), fake_registry(), {admin});
  ASSERT_TRUE(table.ok()) << (table.ok() ? "" : to_line(table.error()));
  const Method* retry = table->find("/tandem.runtime.v1.AdminService/RetryParked");
  EXPECT_EQ(retry->kind, Method::Kind::kCommand);
  EXPECT_EQ(*retry->target(runtime::v1::RetryParked(), {"r"}), (AggregateRef{"lead", "lead-1"}));
}

TEST(Method, AuthorizesStatedRoles) {
  const auto table = MethodTable::build(fake_api(), fake_registry());
  ASSERT_TRUE(table.ok());
  const Method& get = *table->find("/" + std::string(kService) + "/GetCampaign");
  const Method& define = *table->find("/" + std::string(kService) + "/DefineCampaign");
  EXPECT_TRUE(get.authorize({"ana", "anything"}).ok());
  EXPECT_TRUE(define.authorize({"ana", ""}).ok());
  EXPECT_TRUE(define.authorize({"ana", "admin"}).ok());
  EXPECT_EQ(define.authorize({"ana", "salesperson"}).code(), Code::kPermissionDenied);
}

TEST(Intake, KnowsATraceparent) {
  EXPECT_TRUE(is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  for (const char* bad : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                          "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(is_traceparent(bad)) << bad;
  }
  SeededChance chance(1);
  EXPECT_TRUE(is_traceparent(new_traceparent(chance)));
}

}  // namespace
}  // namespace tandem::rpc
