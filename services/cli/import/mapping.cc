#include "services/cli/import/mapping.h"

#include <set>

#include "services/cli/apply/yaml_message.h"
#include "services/cli/import/mapping_rules.h"
#include "shared/base/text.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

// What the import fills itself.
const std::set<std::string> kDerivedOfLead = {"request_id", "acknowledgement", "validate_only", "external_reference"};
const std::set<std::string> kDerivedOfDeal = {"request_id", "acknowledgement", "validate_only", "opportunity",
                                              "lead",       "touch",           "campaign",      "stage"};

Zone zone_of(const YAML::Node& node, YamlProblems& problems) {
  const std::string name = read_text(node, "time_zone", "", problems, "UTC");
  if (auto zone = find_zone(name); zone.ok()) return *zone;
  problems.add(node["time_zone"], "time_zone", "is not a time zone: " + name, "write Europe/Berlin");
  return Zone();
}

DealRules read_deals(const YAML::Node& node, const std::string& path, const Zone& zone, YamlProblems& problems) {
  const std::string prefix = path.empty() ? "" : path + ".";
  DealRules deals;
  deals.outcome = read_outcome(node["outcome"], prefix + "outcome", problems);
  std::set<std::string> derived = kDerivedOfDeal;
  if (!path.empty()) derived.insert("customer");  // the lead's
  deals.open = read_rules(node["open"], prefix + "open", *sales::v1::OpenDeal::descriptor(), derived, zone, problems);
  deals.win = read_rules(node["win"], prefix + "win", *sales::v1::WinDeal::descriptor(), derived, zone, problems);
  deals.lose = read_rules(node["lose"], prefix + "lose", *sales::v1::LoseDeal::descriptor(), derived, zone, problems);
  if (deals.open.empty()) problems.add(node, prefix + "open", "is missing", "name owner, team, pipeline and more");
  return deals;
}

DealRules read_joined(const YAML::Node& node, const Mapping& mapping, const Zone& zone, YamlProblems& problems) {
  if (!node.IsMap()) {
    problems.add(node, "deals", "is not a map", "write file:, on:, outcome:, open: and win: below it");
    return {};
  }
  check_keys(node, "deals", {"file", "on", "key", "outcome", "open", "win", "lose"}, problems);
  DealRules deals = read_deals(node, "deals", zone, problems);
  deals.file = read_text(node, "file", "deals", problems);
  deals.on = read_names(node, "on", "deals", problems);
  deals.key = read_names(node, "key", "deals", problems);
  if (deals.key.empty()) deals.key = deals.on;
  if (deals.on.size() != mapping.key.size()) {
    problems.add(
        node, "deals.on",
        "names " + std::to_string(deals.on.size()) + " columns, the leads' key " + std::to_string(mapping.key.size()),
        "name the columns that hold the lead's key, in the order of key");
  }
  return deals;
}

void read_constant_field(const YAML::Node& node, const char* key, Mapping& mapping, YamlProblems& problems) {
  const std::string value = read_text(node, key, "", problems);
  if (value.empty()) return;
  FieldRule rule;
  rule.path = key;
  rule.constant = value;
  mapping.lead.push_back(std::move(rule));
}

void read_common(const YAML::Node& node, const std::string& kind, Mapping& mapping, YamlProblems& problems) {
  const std::string is = read_text(node, "import", "", problems, kind);
  if (is != kind) {
    problems.add(node["import"], "import", "is " + is, "use tandem " + is + " import, or write import: " + kind);
  }
  mapping.source = read_text(node, "source", "", problems);
  if (mapping.source.empty()) {
    problems.add(node, "source", "is missing", "name the system that the file comes from, source: crm-2019");
  }
  const std::string delimiter = read_text(node, "delimiter", "", problems, ",");
  if (delimiter.size() == 1) {
    mapping.csv.delimiter = delimiter[0];
  } else {
    problems.add(node["delimiter"], "delimiter", "is not one character", "write delimiter: \";\"");
  }
  mapping.key = read_names(node, "key", "", problems);
  if (mapping.key.empty()) {
    problems.add(node, "key", "is missing", "name the columns that tell one row from another, key: [id]");
  }
}

Status missing(const CsvTable& table, const std::string& column) {
  std::string remedy = did_you_mean(column, table.columns);
  if (table.columns.size() == 1) remedy = "is the delimiter right? write delimiter: \";\" in the mapping";
  return make_error(Code::kNotFound, table.file, "has no column \"" + column + "\"", remedy);
}

Status check(const std::vector<std::string>& names, const CsvTable& table) {
  for (const std::string& name : names) {
    if (!name.empty() && table.find(name) < 0) return missing(table, name);
  }
  return {};
}

Status check(const std::vector<FieldRule>& rules, const CsvTable& table) {
  for (const FieldRule& rule : rules) TANDEM_RETURN_IF_ERROR(check({rule.column, rule.currency_column}, table));
  return {};
}

}  // namespace

Result<Mapping> parse_mapping(const std::string& file, const std::string& text, const std::string& kind) {
  TANDEM_ASSIGN_OR_RETURN(const auto documents, parse_yaml(file, text));
  if (documents.size() != 1 || !documents[0].IsMap()) {
    return invalid(file, "is not one YAML map", "write import: " + kind + ", and source:, key: and more below it");
  }
  const YAML::Node& node = documents[0];
  YamlProblems problems(file);
  Mapping mapping;
  mapping.file = file;
  read_common(node, kind, mapping, problems);
  const Zone zone = zone_of(node, problems);
  if (kind == "deals") {
    check_keys(node, "", {"import", "source", "time_zone", "delimiter", "key", "outcome", "open", "win", "lose"},
               problems);
    mapping.deals = read_deals(node, "", zone, problems);
    mapping.deals->key = mapping.key;
  } else {
    check_keys(node, "", {"import", "source", "time_zone", "delimiter", "key", "routing", "fields", "deals"}, problems);
    const auto& type = *marketing::v1::CaptureLead::descriptor();
    mapping.lead = read_rules(node["fields"], "fields", type, kDerivedOfLead, zone, problems);
    if (mapping.lead.empty()) problems.add(node, "fields", "is missing", "write field: column, one a line");
    read_constant_field(node, "routing", mapping, problems);
    if (node["deals"]) mapping.deals = read_joined(node["deals"], mapping, zone, problems);
  }
  TANDEM_RETURN_IF_ERROR(problems.status());
  return mapping;
}

Status check_columns(const Mapping& mapping, const CsvTable& leads) {
  TANDEM_RETURN_IF_ERROR(check(mapping.key, leads));
  return check(mapping.lead, leads);
}

Status check_columns(const DealRules& rules, const CsvTable& deals) {
  TANDEM_RETURN_IF_ERROR(check(rules.on, deals));
  TANDEM_RETURN_IF_ERROR(check(rules.key, deals));
  TANDEM_RETURN_IF_ERROR(check({rules.outcome.column}, deals));
  for (const auto* part : {&rules.open, &rules.win, &rules.lose}) TANDEM_RETURN_IF_ERROR(check(*part, deals));
  return {};
}

}  // namespace tandem::cli
