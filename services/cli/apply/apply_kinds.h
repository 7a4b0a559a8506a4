// The kinds of things that `apply` knows: how each is defined, read back and compared.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

namespace tandem::cli {

struct ApplyKind {
  std::string name;   // "team", as `resource:` says it
  std::string group;  // the command that applies it: "team", "plans"
  std::string id;     // field of the command that names the thing, also of `get`
  std::string define;
  const google::protobuf::Message& command;
  std::string get;
  const google::protobuf::Message& get_request;
  const google::protobuf::Message& resource;
  // Fills `there`, a copy of the command without its content, with what the resource says now (for versions: of the
  // command's time). False if there is nothing yet.
  std::function<bool(const google::protobuf::Message& resource, google::protobuf::Message& there)> current;
};

// In the order in which they must be applied: what others refer to comes first.
const std::vector<ApplyKind>& apply_kinds();

}  // namespace tandem::cli
