// Bad input: a clear error that names what is wrong, and nothing half done.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tandem/incentives/v1/service.pb.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

// One installation for all cases: none of them changes anything.
class BadInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    tandem_ = new Installation();
    company_ = new Company(*tandem_);
    company_->define();
    const auto captured = company_->done(company_->person("eva@example.com"));
    assignment_ = company_->assignment_of(captured.subject());
    deal_ = company_
                ->done(text<sales::v1::OpenDeal>(R"(
      account: "Muster GmbH" team: "north" owner: "ana" pipeline: "standard" expected { minor_units: 1 currency: "EUR" })"))
                .subject();
    ASSERT_TRUE(tandem_->settle());
  }
  static void TearDownTestSuite() {
    delete company_;
    delete tandem_;
  }

  static std::vector<std::string> fields(const Error& error) {
    std::vector<std::string> all;
    for (const Violation& violation : error.violations) all.push_back(violation.field);
    std::sort(all.begin(), all.end());
    return all;
  }

  static Error refused(const google::protobuf::Message& command) {
    const auto before = numbers();
    const auto result = company_->give(command);
    EXPECT_FALSE(result.ok()) << command.ShortDebugString();
    EXPECT_EQ(numbers(), before) << "a refused command left something behind";
    return result.ok() ? Error() : result.error();
  }

  // How many events each service has.
  static std::vector<uint64_t> numbers() {
    std::vector<uint64_t> all;
    for (const std::string& service : tandem_->services()) all.push_back(tandem_->status(service).value().events());
    return all;
  }

  // Bytes as they are, to a method of marketing's.
  static grpc::Status send_bytes(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(tandem_->client("marketing")->channel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1), response;
    grpc::CompletionQueue queue;
    auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }

  static inline Installation* tandem_ = nullptr;
  static inline Company* company_ = nullptr;
  static inline sales::v1::Assignment assignment_;
  static inline std::string deal_;
};

TEST_F(BadInputTest, AllThatIsWrongIsSaidAtOnce) {
  const Error error = refused(text<marketing::v1::CaptureLead>(R"(
    person { email: "nobody" phone: "12" } facts { country: "Germany" } campaign: "a campaign")"));
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(fields(error), (std::vector<std::string>{"campaign", "facts.country", "person.email", "person.phone"}));
  for (const Violation& violation : error.violations) {
    EXPECT_FALSE(violation.reason.empty()) << violation.field;
    EXPECT_FALSE(violation.remedy.empty()) << violation.field;
  }
}

TEST_F(BadInputTest, WhatIsRequiredMustBeThere) {
  EXPECT_EQ(fields(refused(sales::v1::AcceptLead())), (std::vector<std::string>{"assignment", "member"}));
  EXPECT_EQ(fields(refused(incentives::v1::PublishPlan())),
            (std::vector<std::string>{"definition", "effective_from", "plan"}));
}

TEST_F(BadInputTest, WrongCurrency) {
  auto win = text<sales::v1::WinDeal>(R"(amount { minor_units: 100 currency: "USD" })");
  win.set_opportunity(deal_);
  const Error error = refused(win);
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(fields(error), (std::vector<std::string>{"amount.currency"})) << to_line(error);
  EXPECT_EQ(
      refused(text<marketing::v1::RecordSpend>(R"(campaign: "spring" amount { minor_units: 1 currency: "USD" })")).code,
      Code::kInvalidArgument);
  EXPECT_EQ(fields(refused(
                text<marketing::v1::RecordSpend>(R"(campaign: "spring" amount { minor_units: 1 currency: "Taler" })"))),
            (std::vector<std::string>{"amount.currency"}));
}

TEST_F(BadInputTest, SplitsThatDoNotTotal) {
  auto win = text<sales::v1::WinDeal>(R"(amount { minor_units: 100 currency: "EUR" }
    splits { payee: "ana" share_bp: 5000 } splits { payee: "ben" share_bp: 4999 })");
  win.set_opportunity(deal_);
  const Error error = refused(win);
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_NE(error.violations[0].field.find("splits"), std::string::npos);
  EXPECT_NE(to_line(error).find("9999"), std::string::npos) << to_line(error) << " says what they total";
}

TEST_F(BadInputTest, UnknownIds) {
  EXPECT_EQ(refused(text<marketing::v1::QualifyLead>(R"(lead: "lead-nobody" team: "north")")).code, Code::kNotFound);
  EXPECT_EQ(refused(text<sales::v1::MoveStage>(R"(opportunity: "opp-none" stage: "new")")).code, Code::kNotFound);
  EXPECT_EQ(refused(text<sales::v1::AcceptLead>(R"(assignment: "none" member: "ana")")).code, Code::kNotFound);
  EXPECT_EQ(refused(text<incentives::v1::ApproveStatement>(R"(statement: "ana/2020-01/EUR")")).code, Code::kNotFound);
  auto capture = company_->person("somebody@example.com");
  capture.set_campaign("winter");
  EXPECT_EQ(refused(capture).code, Code::kNotFound);
}

TEST_F(BadInputTest, AStageThatIsNotInThePipeline) {
  sales::v1::MoveStage move;
  move.set_opportunity(deal_);
  move.set_stage("ofer");
  const Error error = refused(move);
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_NE(to_line(error).find("offer"), std::string::npos) << to_line(error) << " names the nearest one";
}

TEST_F(BadInputTest, SomebodyElsesLead) {
  sales::v1::AcceptLead accept;
  accept.set_assignment(assignment_.assignment());
  accept.set_member(assignment_.member() == "ana" ? "ben" : "ana");
  EXPECT_EQ(refused(accept).code, Code::kPermissionDenied);
}

TEST_F(BadInputTest, TheSameRequestIdWithAnotherContent) {
  auto define = text<marketing::v1::DefineCampaign>(R"(request_id: "once" campaign: "summer"
    definition { name: "Summer" form: CAMPAIGN_FORM_SOCIAL channel: "social" team: "north"
                 budget { minor_units: 5 currency: "EUR" } })");
  company_->done(define);
  define.mutable_definition()->set_name("Another summer");
  const Error error = refused(define);
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(fields(error), (std::vector<std::string>{"request_id"}));
}

TEST_F(BadInputTest, APayloadOverTheLimit) {
  marketing::v1::CaptureLead capture = company_->person("big@example.com");
  capture.set_external_reference(std::string(8 << 20, 'x'));
  const auto before = numbers();
  const grpc::Status status =
      send_bytes("/tandem.marketing.v1.MarketingService/CaptureLead", capture.SerializeAsString());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_EQ(numbers(), before);
}

TEST_F(BadInputTest, MalformedProtobuf) {
  const grpc::Status status = send_bytes("/tandem.marketing.v1.MarketingService/CaptureLead", "\x0a\xff\xff\xff");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_EQ(send_bytes("/tandem.marketing.v1.MarketingService/MakeCoffee", "").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(BadInputTest, ARoleThatMayNot) {
  rpc::CallOptions options;
  options.caller = "ben";
  options.role = "salesperson";
  const auto result = tandem_->call<type::v1::CommandResult>(
      "incentives", "PayStatement", text<incentives::v1::PayStatement>(R"(statement: "ben/2026-11/EUR")"), options);
  EXPECT_EQ(result.code(), Code::kPermissionDenied);
}

}  // namespace
}  // namespace tandem::testing
