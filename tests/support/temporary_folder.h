// A folder of its own for whoever needs one; who asked for it removes it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace tandem::testing {

// tandem-<of>-XXXXXX in the folder for temporary files.
inline std::filesystem::path make_temporary_folder(const std::string& of) {
  std::string pattern = (std::filesystem::temp_directory_path() / ("tandem-" + of + "-XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder " + pattern);
  return pattern;
}

}  // namespace tandem::testing
