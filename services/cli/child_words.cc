#include "services/cli/child_words.h"

#include <unistd.h>

namespace tandem::cli {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& over) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!over.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : over) all.push_back(name + "=" + value);
  return all;
}

}  // namespace tandem::cli
