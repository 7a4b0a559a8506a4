// An installation that the command line itself makes, in a folder of the test's; taken down whatever becomes of it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "services/cli/up.h"
#include "tests/support/installation.h"

namespace tandem::testing {

class UpFolder : public ::testing::Test {
 protected:
  UpFolder();
  ~UpFolder() override;

  struct Ran {
    int status = -1;
    std::string out, err;
  };
  // `tandem ARGUMENTS --folder ...`
  Ran run(std::vector<std::string> arguments);
  // With --output json; it must succeed.
  nlohmann::json json(std::vector<std::string> arguments);

  std::filesystem::path folder_;
};

}  // namespace tandem::testing
