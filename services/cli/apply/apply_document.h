// One document of an apply file as the command that makes it true.
#pragma once

#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <string>
#include <vector>

#include "services/cli/apply/apply_kinds.h"
#include "services/cli/apply/yaml_message.h"

namespace tandem::cli {

struct ApplyDocument {
  const ApplyKind* kind = nullptr;
  std::string id;
  std::unique_ptr<google::protobuf::Message> command;  // without request id
  bool launched = false;                               // of a campaign: it shall be
};

// The keys are the fields of the command and of its definition, side by side; besides them `resource`, `time_zone` (of
// the dates in the document) and, for a campaign, `launched`. `kinds`: see apply.h. What is wrong goes to `problems`;
// the document is then of no use.
ApplyDocument read_document(const YAML::Node& node, const std::vector<std::string>& kinds, YamlProblems& problems);

}  // namespace tandem::cli
