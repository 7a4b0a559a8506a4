#include "services/cli/import/mapping_rules.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/cli/apply/fields.h"
#include "shared/base/money.h"
#include "shared/base/text.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const std::vector<std::string> kRuleKeys = {"column",   "constant",        "required", "values",
                                            "unknown",  "names",           "date",     "time_zone",
                                            "currency", "currency_column", "decimal",  "separator"};
const std::vector<std::string> kOutcomes = {"open", "won", "lost"};

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

std::string text_of(const YAML::Node& node) { return node && node.IsScalar() ? node.Scalar() : ""; }

// Paths of all fields that a rule may name.
void collect_paths(const Descriptor& type, const std::string& prefix, const std::set<std::string>& derived,
                   std::vector<std::string>& paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (prefix.empty() && derived.contains(field.name())) continue;
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_message || has_text_form(*field.message_type())) {
      paths.push_back(prefix + field.name());
    } else if (!field.is_repeated()) {
      collect_paths(*field.message_type(), prefix + field.name() + ".", derived, paths);
    }
  }
}

void read_values(const YAML::Node& node, const std::string& path, FieldRule& rule, YamlProblems& problems) {
  if (!node) return;
  if (node.IsSequence()) {
    for (const auto& item : node) rule.values[text_of(item)] = text_of(item);
  } else if (node.IsMap()) {
    for (const auto& entry : node) rule.values[text_of(entry.first)] = text_of(entry.second);
  } else {
    problems.add(node, path, "is neither a map nor a list", "write cell: value, one a line, or a list of known cells");
  }
}

template <class Enum>
Enum read_choice(const YAML::Node& parent, const char* key, const std::string& path, YamlProblems& problems,
                 const std::vector<std::pair<std::string, Enum>>& choices, Enum fallback) {
  const std::string text = read_text(parent, key, path, problems);
  if (text.empty()) return fallback;
  std::vector<std::string> known;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    known.push_back(name);
  }
  problems.add(parent[key], below(path, key), "is not one of " + join(known, ", "), did_you_mean(text, known));
  return fallback;
}

Zone read_zone(const YAML::Node& node, const std::string& path, const Zone& fallback, YamlProblems& problems) {
  const std::string name = read_text(node, "time_zone", path, problems);
  if (name.empty()) return fallback;
  auto zone = find_zone(name);
  if (zone.ok()) return *zone;
  problems.add(node["time_zone"], below(path, "time_zone"), "is not a time zone: " + name, "write Europe/Berlin");
  return fallback;
}

void read_money(const YAML::Node& node, const std::string& path, FieldRule& rule, YamlProblems& problems) {
  rule.currency = read_text(node, "currency", path, problems);
  rule.currency_column = read_text(node, "currency_column", path, problems);
  if (!rule.currency.empty() && !currency_exponent(rule.currency).ok()) {
    problems.add(node["currency"], below(path, "currency"), "is not a currency: " + rule.currency, "write EUR");
  }
  const std::string decimal = read_text(node, "decimal", path, problems, ".");
  if (decimal != "." && decimal != ",") {
    problems.add(node["decimal"], below(path, "decimal"), "is neither . nor ,", "write decimal: \",\"");
  }
  rule.decimal = decimal.empty() ? '.' : decimal[0];
}

void check_kind(const YAML::Node& node, const std::string& path, const FieldRule& rule, const FieldDescriptor& field,
                YamlProblems& problems) {
  const Descriptor* type = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? field.message_type() : nullptr;
  if (!rule.date_format.empty() && type != google::protobuf::Timestamp::descriptor()) {
    problems.add(node["date"], below(path, "date"), "belongs to a field that is a time", "leave it out");
  }
  const bool money = !rule.currency.empty() || !rule.currency_column.empty() || rule.decimal != '.';
  if (money && type != type::v1::Money::descriptor()) {
    problems.add(node, path, "is not an amount of money", "leave currency and decimal out");
  }
  if (!rule.separator.empty() && !field.is_repeated()) {
    problems.add(node["separator"], below(path, "separator"), "belongs to a field with several values", "leave it out");
  }
}

FieldRule read_rule(const YAML::Node& node, const std::string& path, const std::string& field_path,
                    const FieldDescriptor& field, const Zone& zone, YamlProblems& problems) {
  FieldRule rule;
  rule.path = field_path;
  rule.zone = zone;
  if (node.IsScalar()) {
    rule.column = node.Scalar();
    return rule;
  }
  if (!node.IsMap()) {
    problems.add(node, path, "is neither a column nor a map", "write the column's name, or column: and more below it");
    return rule;
  }
  check_keys(node, path, kRuleKeys, problems);
  rule.column = read_text(node, "column", path, problems);
  rule.constant = read_text(node, "constant", path, problems);
  if (rule.column.empty() == rule.constant.empty()) {
    problems.add(node, path, "needs either a column or a constant", "write one of column: and constant:");
  }
  rule.required = read_truth(node, "required", below(path, "required"), problems);
  read_values(node["values"], below(path, "values"), rule, problems);
  using Unknown = FieldRule::Unknown;
  rule.unknown = read_choice<Unknown>(
      node, "unknown", path, problems,
      {{"refuse", Unknown::kRefuse}, {"keep", Unknown::kKeep}, {"leave_out", Unknown::kLeaveOut}}, Unknown::kRefuse);
  using Names = FieldRule::Names;
  rule.names = read_choice<Names>(node, "names", path, problems,
                                  {{"members", Names::kMembers}, {"managers", Names::kManagers}}, Names::kNone);
  rule.date_format = read_text(node, "date", path, problems);
  rule.zone = read_zone(node, path, zone, problems);
  rule.separator = read_text(node, "separator", path, problems);
  read_money(node, path, rule, problems);
  check_kind(node, path, rule, field, problems);
  return rule;
}

}  // namespace

const FieldDescriptor* find_path(const Descriptor& type, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = type.FindFieldByName(std::string(path.substr(0, dot)));
  if (!field) return nullptr;
  const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (dot == std::string_view::npos) {
    return is_message && !has_text_form(*field->message_type()) ? nullptr : field;
  }
  return is_message && !field->is_repeated() ? find_path(*field->message_type(), path.substr(dot + 1)) : nullptr;
}

std::string read_text(const YAML::Node& parent, const char* key, const std::string& path, YamlProblems& problems,
                      const std::string& fallback) {
  const YAML::Node node = parent[key];
  if (!node) return fallback;
  if (node.IsScalar()) return node.Scalar();
  problems.add(node, below(path, key), "is not one value", std::string("write ") + key + ": value");
  return fallback;
}

std::vector<std::string> read_names(const YAML::Node& parent, const char* key, const std::string& path,
                                    YamlProblems& problems) {
  const YAML::Node node = parent[key];
  if (!node) return {};
  if (node.IsScalar()) return {node.Scalar()};
  std::vector<std::string> names;
  if (node.IsSequence()) {
    for (const auto& item : node) names.push_back(text_of(item));
  }
  if (names.empty() || std::find(names.begin(), names.end(), "") != names.end()) {
    problems.add(node, below(path, key), "is not a list of columns", std::string("write ") + key + ": [a, b]");
  }
  return names;
}

void check_keys(const YAML::Node& node, const std::string& path, const std::vector<std::string>& known,
                YamlProblems& problems) {
  for (const auto& entry : node) {
    const std::string key = text_of(entry.first);
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    problems.add(entry.first, below(path, key), "is not known here", did_you_mean(key, known));
  }
}

std::vector<FieldRule> read_rules(const YAML::Node& node, const std::string& path, const Descriptor& type,
                                  const std::set<std::string>& derived, const Zone& zone, YamlProblems& problems) {
  std::vector<FieldRule> rules;
  std::vector<FieldRule> of_members;
  if (!node) return rules;
  if (!node.IsMap()) {
    problems.add(node, path, "is not a map", "write field: column, one a line");
    return rules;
  }
  std::vector<std::string> paths;
  collect_paths(type, "", derived, paths);
  for (const auto& entry : node) {
    const std::string field_path = text_of(entry.first);
    if (std::find(paths.begin(), paths.end(), field_path) == paths.end()) {
      problems.add(entry.first, below(path, field_path),
                   derived.contains(field_path) ? "is filled by the import" : "is not a field of " + type.name(),
                   derived.contains(field_path) ? "leave it out" : did_you_mean(field_path, paths));
      continue;
    }
    FieldRule rule =
        read_rule(entry.second, below(path, field_path), field_path, *find_path(type, field_path), zone, problems);
    // A salesperson is looked for in the row's team, which must be known by then.
    (rule.names == FieldRule::Names::kMembers ? of_members : rules).push_back(std::move(rule));
  }
  std::move(of_members.begin(), of_members.end(), std::back_inserter(rules));
  return rules;
}

OutcomeRule read_outcome(const YAML::Node& node, const std::string& path, YamlProblems& problems) {
  OutcomeRule rule;
  if (!node || (!node.IsScalar() && !node.IsMap())) {
    problems.add(node, path, "is missing", "write outcome: won, or column:, won:, lost: and open: below it");
    return rule;
  }
  if (node.IsScalar()) {
    rule.constant = node.Scalar();
    if (std::find(kOutcomes.begin(), kOutcomes.end(), rule.constant) == kOutcomes.end()) {
      problems.add(node, path, "is not one of open, won, lost", did_you_mean(rule.constant, kOutcomes));
    }
    return rule;
  }
  check_keys(node, path, {"column", "won", "lost", "open"}, problems);
  rule.column = read_text(node, "column", path, problems);
  if (rule.column.empty()) problems.add(node, below(path, "column"), "is missing", "name the column of the stage");
  for (const char* outcome : {"won", "lost"}) {
    for (const std::string& cell : read_names(node, outcome, path, problems)) rule.cells[cell] = outcome;
  }
  const YAML::Node open = node["open"];
  if (open && !open.IsMap()) problems.add(open, below(path, "open"), "is not a map", "write cell: stage, one a line");
  if (!open || !open.IsMap()) return rule;
  for (const auto& entry : open) {
    rule.cells[text_of(entry.first)] = "open";
    rule.stages[text_of(entry.first)] = text_of(entry.second);
  }
  return rule;
}

}  // namespace tandem::cli
