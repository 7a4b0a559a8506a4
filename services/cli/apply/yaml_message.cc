#include "services/cli/apply/yaml_message.h"

#include <utility>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Names of the fields that a map may have.
std::vector<std::string> field_names(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

void fill_single(Message& message, const FieldDescriptor& field, const YAML::Node& node, const std::string& path,
                 const TextContext& context, YamlProblems& problems) {
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (node.IsScalar()) {
    auto status = set_field(message, field, node.Scalar(), context);
    if (status.ok()) return;
    for (const Violation& why : status.error().violations) problems.add(node, path, why.reason, why.remedy);
  } else if (is_message && node.IsMap()) {
    const auto& reflection = *message.GetReflection();
    Message& part =
        field.is_repeated() ? *reflection.AddMessage(&message, &field) : *reflection.MutableMessage(&message, &field);
    fill_from_yaml(part, node, path, {}, context, problems);
  } else if (node.IsNull()) {
    problems.add(node, path, "has no value", "write one, or leave the key out");
  } else {
    problems.add(node, path, std::string("is a ") + (node.IsMap() ? "map" : "list") + " where one value belongs",
                 "write " + field.name() + ": value");
  }
}

// yaml-cpp takes the first of two equal keys, and says nothing.
void find_repeated_keys(const YAML::Node& node, const std::string& path, YamlProblems& problems) {
  if (node.IsSequence()) {
    for (size_t i = 0; i < node.size(); ++i) {
      find_repeated_keys(node[i], path + "[" + std::to_string(i) + "]", problems);
    }
  }
  if (!node.IsMap()) return;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    const std::string where = path.empty() ? key : path + "." + key;
    if (!seen.insert(key).second) problems.add(entry.first, where, "stands there twice", "keep one of them");
    find_repeated_keys(entry.second, where, problems);
  }
}

}  // namespace

void YamlProblems::add(const YAML::Node& node, const std::string& path, std::string reason, std::string remedy) {
  const int line = node.Mark().line;
  const std::string where = file_ + ":" + (line < 0 ? "" : std::to_string(line + 1) + ":");
  violations_.push_back({path.empty() ? where : where + " " + path, std::move(reason), std::move(remedy)});
}

Status YamlProblems::status() const {
  if (violations_.empty()) return {};
  Error error = make_error(Code::kInvalidArgument, file_ + " has mistakes");
  error.violations = violations_;
  return error;
}

Result<std::vector<YAML::Node>> parse_yaml(const std::string& file, const std::string& text) {
  std::vector<YAML::Node> documents;
  try {
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      if (!document.IsNull()) documents.push_back(document);
    }
  } catch (const YAML::Exception& e) {
    const std::string line = e.mark.is_null() ? "" : ":" + std::to_string(e.mark.line + 1);
    return invalid(file + line, "is not YAML: " + e.msg, "mend the file there");
  }
  YamlProblems problems(file);
  for (const YAML::Node& document : documents) find_repeated_keys(document, "", problems);
  TANDEM_RETURN_IF_ERROR(problems.status());
  return documents;
}

bool read_truth(const YAML::Node& parent, const char* key, const std::string& path, YamlProblems& problems) {
  const YAML::Node node = parent[key];
  if (!node) return false;
  const auto truth = parse_truth(node.IsScalar() ? node.Scalar() : "");
  if (!truth.ok()) problems.add(node, path, "is neither true nor false", "write true or false");
  return truth.ok() && *truth;
}

void fill_field_from_yaml(Message& message, const FieldDescriptor& field, const YAML::Node& node,
                          const std::string& path, const TextContext& context, YamlProblems& problems) {
  if (!field.is_repeated() || !node.IsSequence()) {
    // A single value may stand for a list of one.
    fill_single(message, field, node, path, context, problems);
    return;
  }
  for (size_t i = 0; i < node.size(); ++i) {
    fill_single(message, field, node[i], path + "[" + std::to_string(i) + "]", context, problems);
  }
}

void fill_from_yaml(Message& message, const YAML::Node& node, const std::string& path,
                    const std::set<std::string>& skip, const TextContext& context, YamlProblems& problems) {
  const Descriptor& type = *message.GetDescriptor();
  if (!node.IsMap()) {
    problems.add(node, path, "is not a map", "write name: value, one a line");
    return;
  }
  std::map<const google::protobuf::OneofDescriptor*, std::string> chosen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (skip.contains(key)) continue;
    const std::string where = path.empty() ? key : path + "." + key;
    const FieldDescriptor* field = type.FindFieldByName(key);
    if (!field) {
      const auto known = field_names(type);
      problems.add(entry.first, where, "is not a field of " + type.name(), did_you_mean(key, known));
      continue;
    }
    if (const auto* oneof = field->real_containing_oneof()) {
      const auto [at, fresh] = chosen.emplace(oneof, key);
      if (!fresh) problems.add(entry.first, where, "excludes " + at->second, "keep one of them");
    }
    fill_field_from_yaml(message, *field, entry.second, where, context, problems);
  }
}

}  // namespace tandem::cli
