#include "services/cli/apply/apply_document.h"

#include <algorithm>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of every command, which a file does not say.
const std::set<std::string> kOfTheCall = {"request_id", "occurred_at", "acknowledgement", "validate_only"};
constexpr char kDefinition[] = "definition";
// Not `kind`, which is a field of a plan.
constexpr char kResource[] = "resource";

std::string scalar(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : "";
}

const ApplyKind* find_kind(const YAML::Node& node, const std::vector<std::string>& kinds, YamlProblems& problems) {
  std::string name = scalar(node, kResource);
  if (name.empty() && kinds.size() == 1) name = kinds.front();
  std::vector<std::string> known;
  for (const ApplyKind& kind : apply_kinds()) {
    known.push_back(kind.name);
    if (kind.name != name) continue;
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(), name) != kinds.end()) return &kind;
    problems.add(node, kResource, "is " + name, "use tandem " + kind.group + " apply, or tandem apply for all kinds");
    return nullptr;
  }
  if (name.empty()) {
    problems.add(node, kResource, "is missing", "write resource: and one of " + join(known, ", "));
  } else {
    problems.add(node[kResource], kResource, "is not one that can be applied: " + name, did_you_mean(name, known));
  }
  return nullptr;
}

TextContext context_of(const YAML::Node& node, YamlProblems& problems) {
  TextContext context;
  context.currency = scalar(node, "currency");
  const std::string zone = scalar(node, "time_zone");
  if (zone.empty()) return context;
  if (auto found = find_zone(zone); found.ok()) {
    context.zone = *found;
  } else {
    problems.add(node["time_zone"], "time_zone", "is not a time zone: " + zone, "write Europe/Berlin");
  }
  return context;
}

std::vector<std::string> known_keys(const Descriptor& command, const Descriptor* definition) {
  std::vector<std::string> keys = {kResource, "time_zone"};
  for (const Descriptor* type : {&command, definition}) {
    for (int i = 0; type && i < type->field_count(); ++i) {
      const std::string& name = type->field(i)->name();
      if (!kOfTheCall.contains(name) && name != kDefinition) keys.push_back(name);
    }
  }
  return keys;
}

// Fills command and definition from the keys of both.
void fill_document(Message& command, const YAML::Node& node, const std::set<std::string>& others,
                   const TextContext& context, YamlProblems& problems) {
  const Descriptor& type = *command.GetDescriptor();
  const FieldDescriptor* definition = type.FindFieldByName(kDefinition);
  Message* inner = definition ? command.GetReflection()->MutableMessage(&command, definition) : nullptr;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    const FieldDescriptor* field = kOfTheCall.contains(key) || key == kDefinition ? nullptr : type.FindFieldByName(key);
    const FieldDescriptor* inner_field = inner ? inner->GetDescriptor()->FindFieldByName(key) : nullptr;
    if (field) {
      fill_field_from_yaml(command, *field, entry.second, key, context, problems);
    } else if (inner_field) {
      fill_field_from_yaml(*inner, *inner_field, entry.second, key, context, problems);
    } else if (!others.contains(key)) {
      const auto known = known_keys(type, inner ? inner->GetDescriptor() : nullptr);
      problems.add(entry.first, key, "is not known here", did_you_mean(key, known));
    }
  }
}

}  // namespace

ApplyDocument read_document(const YAML::Node& node, const std::vector<std::string>& kinds, YamlProblems& problems) {
  ApplyDocument document;
  if (!node.IsMap()) {
    problems.add(node, "", "is not a map", "write resource: team, and its fields below");
    return document;
  }
  document.kind = find_kind(node, kinds, problems);
  if (!document.kind) return document;
  std::set<std::string> others = {kResource, "time_zone"};
  if (document.kind->name == "campaign") {
    others.insert("launched");
    document.launched = read_truth(node, "launched", "launched", problems);
  }
  document.command.reset(document.kind->command.New());
  fill_document(*document.command, node, others, context_of(node, problems), problems);
  const FieldDescriptor* id = document.command->GetDescriptor()->FindFieldByName(document.kind->id);
  document.id = document.command->GetReflection()->GetString(*document.command, id);
  if (document.id.empty()) {
    problems.add(node, document.kind->id, "is missing", "write " + document.kind->id + ": and its id");
  }
  return document;
}

}  // namespace tandem::cli
