#include "services/cli/import/row_values.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "services/cli/apply/fields.h"
#include "services/cli/import/mapping_rules.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Error wrong(std::string_view text, const std::string& reason, std::string remedy) {
  return invalid("", "\"" + std::string(text) + "\" " + reason, std::move(remedy));
}

std::vector<std::string> names_in(const std::map<std::string, std::string>& meanings) {
  std::vector<std::string> names;
  names.reserve(meanings.size());
  for (const auto& [name, meaning] : meanings) names.push_back(name);
  return names;
}

// What the cell means by the rule's values. Nothing: leave the field out.
Result<std::optional<std::string>> translate(const FieldRule& rule, const std::string& cell) {
  if (const auto found = rule.values.find(cell); found != rule.values.end()) {
    if (found->second.empty()) return std::optional<std::string>();
    return std::optional(found->second);
  }
  if (cell.empty() || (!rule.values.empty() && rule.unknown == FieldRule::Unknown::kLeaveOut)) {
    return std::optional<std::string>();
  }
  if (rule.values.empty() || rule.unknown == FieldRule::Unknown::kKeep) return std::optional(cell);
  return wrong(cell, "is not known", did_you_mean(cell, names_in(rule.values)));
}

// "1.234,50" with a comma for decimals is "1,234.50" for everybody else.
std::string with_points(std::string text, char decimal) {
  if (decimal == '.') return text;
  for (char& c : text) {
    if (c == ',' || c == '.') c = c == ',' ? '.' : ',';
  }
  return text;
}

Result<std::string> amount_of(const FieldRule& rule, const RowView& row, const std::string& text) {
  std::string currency = rule.currency;
  if (!rule.currency_column.empty()) currency = row.cell(rule.currency_column);
  const std::string amount = with_points(text, rule.decimal);
  if (!currency.empty()) return currency + " " + amount;
  if (rule.currency_column.empty()) return amount;
  return wrong(text, "has no currency: column " + rule.currency_column + " is empty", "fill it in");
}

Status set_leaf(Message& message, const FieldDescriptor& field, const FieldRule& rule, const RowView& row,
                const std::string& text) {
  const auto* type = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? field.message_type() : nullptr;
  const TextContext context{rule.zone, ""};
  if (type == google::protobuf::Timestamp::descriptor() && !rule.date_format.empty()) {
    TANDEM_ASSIGN_OR_RETURN(const Instant instant, parse_local(text, rule.date_format, rule.zone));
    message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(to_timestamp(instant));
    return {};
  }
  if (type == type::v1::Money::descriptor()) {
    TANDEM_ASSIGN_OR_RETURN(const std::string amount, amount_of(rule, row, text));
    return set_field(message, field, amount, context);
  }
  if (!field.is_repeated() || rule.separator.empty()) return set_field(message, field, text, context);
  std::string rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find(rule.separator);
    const std::string part(trim(rest.substr(0, end)));
    if (!part.empty()) TANDEM_RETURN_IF_ERROR(set_field(message, field, part, context));
    rest = end == std::string::npos ? "" : rest.substr(end + rule.separator.size());
  }
  return {};
}

Status set_at(Message& message, std::string_view path, const FieldRule& rule, const RowView& row,
              const std::string& text) {
  const size_t dot = path.find('.');
  const FieldDescriptor& field = *message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (dot == std::string_view::npos) return set_leaf(message, field, rule, row, text);
  return set_at(*message.GetReflection()->MutableMessage(&message, &field), path.substr(dot + 1), rule, row, text);
}

std::string team_in(const Message& command) {
  const FieldDescriptor* team = command.GetDescriptor()->FindFieldByName("team");
  return team ? command.GetReflection()->GetString(command, team) : "";
}

Status fill_one(Message& command, const FieldRule& rule, const RowView& row, const TeamNames& names) {
  if (rule.column.empty()) return set_at(command, rule.path, rule, row, rule.constant);
  const std::string cell = row.cell(rule.column);
  if (rule.required && cell.empty()) return invalid("", "is empty", "fill it in");
  TANDEM_ASSIGN_OR_RETURN(const std::optional<std::string> meaning, translate(rule, cell));
  if (!meaning) return {};
  std::string text = *meaning;
  if (rule.names == FieldRule::Names::kMembers) {
    TANDEM_ASSIGN_OR_RETURN(text, names.member(text, team_in(command)));
  } else if (rule.names == FieldRule::Names::kManagers) {
    TANDEM_ASSIGN_OR_RETURN(text, names.team_of(text));
  }
  return set_at(command, rule.path, rule, row, text);
}

}  // namespace

std::string RowView::cell(const std::string& column) const {
  return std::string(trim(row.cells.at(static_cast<size_t>(table.find(column)))));
}

std::vector<Violation> ragged(const RowView& row) {
  const size_t is = row.row.cells.size();
  const size_t wanted = row.table.columns.size();
  if (is == wanted) return {};
  return {{"", "has " + std::to_string(is) + " cells where there are " + std::to_string(wanted) + " columns",
           is < wanted ? "add what is missing" : "put cells that hold a delimiter in quotes"}};
}

std::vector<Violation> fill_from_row(Message& command, const std::vector<FieldRule>& rules, const RowView& row,
                                     const TeamNames& names) {
  std::vector<Violation> violations;
  for (const FieldRule& rule : rules) {
    auto status = fill_one(command, rule, row, names);
    if (status.ok()) continue;
    const Error error = with_field(std::move(status).error(), rule.column.empty() ? rule.path : rule.column);
    for (const Violation& violation : error.violations) {
      // Two fields may come from one column.
      if (std::find(violations.begin(), violations.end(), violation) == violations.end())
        violations.push_back(violation);
    }
  }
  return violations;
}

std::vector<std::string> key_of(const RowView& row, const std::vector<std::string>& columns,
                                std::vector<Violation>& violations) {
  std::vector<std::string> key;
  for (const std::string& column : columns) {
    key.push_back(row.cell(column));
    if (key.back().empty()) violations.push_back({column, "is empty, and is part of the key", "fill it in"});
  }
  return key;
}

std::string outcome_of(const OutcomeRule& rule, const RowView& row, std::string& stage,
                       std::vector<Violation>& violations) {
  if (rule.column.empty()) return rule.constant;
  const std::string cell = row.cell(rule.column);
  if (const auto found = rule.cells.find(cell); found != rule.cells.end()) {
    if (const auto at = rule.stages.find(cell); at != rule.stages.end()) stage = at->second;
    return found->second;
  }
  violations.push_back({rule.column, "\"" + cell + "\" is not known", did_you_mean(cell, names_in(rule.cells))});
  return "";
}

std::vector<Violation> by_column(const Error& error, const std::vector<FieldRule>& rules) {
  std::vector<Violation> violations = error.violations;
  if (violations.empty()) violations.push_back({"", error.message, ""});
  for (Violation& violation : violations) {
    for (const FieldRule& rule : rules) {
      const bool inside = violation.field.starts_with(rule.path + ".") || violation.field.starts_with(rule.path + "[");
      if (!rule.column.empty() && (violation.field == rule.path || inside)) violation.field = rule.column;
    }
  }
  return violations;
}

}  // namespace tandem::cli
