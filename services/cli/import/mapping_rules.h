// Parts of a mapping file.
#pragma once

#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <string>
#include <vector>

#include "services/cli/apply/yaml_message.h"
#include "services/cli/import/mapping.h"

namespace tandem::cli {

// The rules below `node`, one for each field of a command of this type. `derived`: fields that the import fills itself.
std::vector<FieldRule> read_rules(const YAML::Node& node, const std::string& path,
                                  const google::protobuf::Descriptor& type, const std::set<std::string>& derived,
                                  const Zone& zone, YamlProblems& problems);
OutcomeRule read_outcome(const YAML::Node& node, const std::string& path, YamlProblems& problems);
// A list of names, or one.
std::vector<std::string> read_names(const YAML::Node& parent, const char* key, const std::string& path,
                                    YamlProblems& problems);
// A key's text; `fallback` if it is missing.
std::string read_text(const YAML::Node& parent, const char* key, const std::string& path, YamlProblems& problems,
                      const std::string& fallback = "");
// Says which keys are not among `known`.
void check_keys(const YAML::Node& node, const std::string& path, const std::vector<std::string>& known,
                YamlProblems& problems);

// The leaf that a path names, or null.
const google::protobuf::FieldDescriptor* find_path(const google::protobuf::Descriptor& type, std::string_view path);

}  // namespace tandem::cli
