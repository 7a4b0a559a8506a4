#include "shared/runtime/admin_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/base/result.h"

namespace tandem::runtime {
namespace {

Result<std::unique_ptr<AdminHttp>> start(const std::string& address) {
  return AdminHttp::start(address, [] { return std::string(); }, [] { return AdminHttp::Health{true, "ok"}; });
}

TEST(AdminHttp, ASecondOneOnTheSamePortIsRefused) {
  auto first = start("127.0.0.1:0");
  ASSERT_TRUE(first.ok());
  const std::string address = (*first)->address();
  const auto second = start(address);
  ASSERT_EQ(second.code(), Code::kUnavailable);
  EXPECT_THAT(to_line(second.error()), ::testing::HasSubstr(address + " cannot be opened; is it taken?"));

  first->reset();
  EXPECT_TRUE(start(address).ok()) << "it is free again";
}

}  // namespace
}  // namespace tandem::runtime
