// A protobuf message from YAML, by reflection: keys are the field names of the .proto, single values as fields.h reads
// them. Whatever is wrong is said with file, line and path, all of it at once; a key that is no field names the nearest
// one that is.
#pragma once

#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <string>
#include <vector>

#include "services/cli/apply/fields.h"
#include "shared/base/result.h"

namespace tandem::cli {

// Collects the mistakes of a file.
class YamlProblems {
 public:
  explicit YamlProblems(std::string file) : file_(std::move(file)) {}
  void add(const YAML::Node& node, const std::string& path, std::string reason, std::string remedy);
  bool empty() const { return violations_.empty(); }
  // INVALID_ARGUMENT with all of them, or OK.
  Status status() const;

 private:
  std::string file_;
  std::vector<Violation> violations_;
};

// The documents of a file. INVALID_ARGUMENT, with the line, if it is not YAML; also for a key that stands twice, which
// YAML forbids and yaml-cpp lets pass.
Result<std::vector<YAML::Node>> parse_yaml(const std::string& file, const std::string& text);

// The truth below `parent`; false if the key is not there. `path` is the key's, for the problem of anything else.
bool read_truth(const YAML::Node& parent, const char* key, const std::string& path, YamlProblems& problems);

// Fills `message` from the map `node`, but for the keys in `skip`. `path` is where it stands, "" at the top.
void fill_from_yaml(google::protobuf::Message& message, const YAML::Node& node, const std::string& path,
                    const std::set<std::string>& skip, const TextContext& context, YamlProblems& problems);
// One field from one value: also a list, a map.
void fill_field_from_yaml(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                          const YAML::Node& node, const std::string& path, const TextContext& context,
                          YamlProblems& problems);

}  // namespace tandem::cli
