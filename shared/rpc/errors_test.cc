#include "shared/rpc/errors.h"

#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "shared/aggregate/decision.h"

namespace tandem::rpc {
namespace {

TEST(Errors, GoOverTheWireAndBack) {
  Error error = reject(Code::kFailedPrecondition, "lead", "is with sales already", "ask the owner");
  error.violations.push_back({"splits[2].share_bp", "is more than 10000", ""});
  error.retry_after = std::chrono::milliseconds(1250);
  EXPECT_EQ(from_grpc_status(to_grpc_status(error)), error);
  EXPECT_EQ(from_rpc_status(to_rpc_status(error)), error);
  const Error plain = make_error(Code::kUnavailable, "Redis does not answer");
  EXPECT_EQ(from_grpc_status(to_grpc_status(plain)), plain);
}

TEST(Errors, HaveStandardDetails) {
  const google::rpc::Status status = to_rpc_status(reject(Code::kAborted, "lead", "changed meanwhile", "try again"));
  ASSERT_EQ(status.details_size(), 2);
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_EQ(status.details(1).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(status.details(1).value(),
            "\x0a\x07"
            "ABORTED\x12\x06tandem");
}

TEST(Errors, FitIntoTrailingMetadata) {
  Error error = make_error(Code::kInvalidArgument, std::string(20'000, 'm'));
  for (int i = 0; i < 100; ++i) {
    error.violations.push_back({"rows[" + std::to_string(i) + "].name", "has 300 characters", "use at most 256"});
  }
  const grpc::Status status = to_grpc_status(error);
  EXPECT_LT(status.error_message().size() + status.error_details().size() * 4 / 3, 8000u);
  const Error back = from_grpc_status(status);
  EXPECT_GT(back.violations.size(), 20u);
  EXPECT_EQ(back.violations.at(3), error.violations.at(3));
  EXPECT_NE(back.message.find("more)"), std::string::npos);
}

TEST(Errors, OfStrangersAreReadAsFarAsTheyGo) {
  EXPECT_EQ(from_grpc_status(grpc::Status(grpc::StatusCode::INTERNAL, "boom", "no status message")),
            make_error(Code::kInternal, "boom"));
  google::rpc::Status of_another_age;
  of_another_age.set_code(99);
  EXPECT_EQ(from_rpc_status(of_another_age).code, Code::kUnknown);
}

}  // namespace
}  // namespace tandem::rpc
