// The program `tandem` within a test, on the installation of the test.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/installation.h"

namespace tandem::testing {

class CommandLine {
 public:
  // Makes a folder of its own, and removes it at the end. Services must not be restarted meanwhile.
  explicit CommandLine(Installation& tandem);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  struct Ran {
    int status = 0;
    std::string out;
    std::string err;
  };
  Ran run(std::vector<std::string> arguments);
  // With --output json; a failure of the test if its status is not 0.
  nlohmann::json done(std::vector<std::string> arguments);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace tandem::testing
