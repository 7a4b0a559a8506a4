// Arguments and environment of a child, as exec takes them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tandem::cli {

// Of words that outlive them, and a null at the end.
std::vector<char*> pointers(std::vector<std::string>& words);
// Our environment with `over` on top: NAME=value.
std::vector<std::string> merged_environment(const std::map<std::string, std::string>& over);

}  // namespace tandem::cli
