// For tests: the folder of an installation whose marketing service is played by the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "services/cli/session.h"
#include "shared/rpc/fake_service_testing.h"

namespace tandem::cli {

class FakeInstallation {
 public:
  using FakeService = rpc::testing::FakeService;

  // `decide`: what the service does with each command.
  explicit FakeInstallation(FakeService::Decide decide = FakeService::accept, rpc::ServerOptions options = {})
      : service_(std::move(options), std::move(decide)) {
    std::string name = (std::filesystem::temp_directory_path() / "tandem-fake-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    Endpoints endpoints;
    endpoints.services["marketing"].grpc = service_.address();
    EXPECT_TRUE(write_endpoints(folder_, endpoints).ok());
  }
  ~FakeInstallation() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  FakeInstallation(const FakeInstallation&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  FakeService& service() { return service_; }

 private:
  FakeService service_;
  std::filesystem::path folder_;
};

}  // namespace tandem::cli
