// A program that is run to its end, and what it says, line by line.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace tandem::cli {

struct ChildEnd {
  int status = 0;      // exit status; 128 + the signal, if one ended it
  std::string errors;  // what it said on standard error
};

// `environment` is over ours. `on_line` is told each line of its standard output. NOT_FOUND if there is no such
// program.
Result<ChildEnd> run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment,
                           const std::function<void(const std::string&)>& on_line);

}  // namespace tandem::cli
