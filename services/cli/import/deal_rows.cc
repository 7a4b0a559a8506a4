#include "services/cli/import/deal_rows.h"

#include <algorithm>
#include <utility>

#include "services/cli/import/import_files.h"
#include "services/cli/import/row_values.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using google::protobuf::Timestamp;

class Preparation {
 public:
  Preparation(const Mapping& mapping, const CsvTable& table, const TeamNames& names, const LeadImport* leads,
              Rejections& rejections)
      : mapping_(mapping),
        rules_(*mapping.deals),
        table_(table),
        names_(names),
        leads_(leads),
        rejections_(rejections) {}

  std::vector<DealRow> run() {
    std::vector<DealRow> deals;
    for (size_t at = 0; at < table_.rows.size(); ++at) {
      DealRow deal;
      deal.at = at;
      const auto violations = fill(deal);
      if (violations.empty()) {
        deals.push_back(std::move(deal));
      } else {
        rejections_.add(at, violations);
      }
    }
    return deals;
  }

 private:
  std::vector<Violation> fill(DealRow& deal) {
    const RowView row{table_, table_.rows[deal.at]};
    std::vector<Violation> violations = ragged(row);
    if (!violations.empty()) return violations;
    const auto key = key_of(row, rules_.key, violations);
    if (violations.empty()) check_first(key, deal.at, violations);
    if (leads_ && violations.empty()) find_lead(row, deal, violations);
    std::string stage;
    deal.outcome = outcome_of(rules_.outcome, row, stage, violations);
    fill_part(deal.open, rules_.open, row, violations);
    if (deal.outcome == "won") fill_part(deal.win, rules_.win, row, violations);
    if (deal.outcome == "lost") fill_part(deal.lose, rules_.lose, row, violations);
    if (!violations.empty()) return violations;
    deal.open.set_stage(stage);
    if (deal.outcome == "won") check_amount(deal, violations);
    if (deal.outcome == "lost" && deal.lose.reason().empty()) {
      deal.lose.set_reason("lost, says " + mapping_.source);
    }
    set_times(deal, violations);
    if (violations.empty()) set_ids(deal, key);
    return violations;
  }

  void fill_part(google::protobuf::Message& command, const std::vector<FieldRule>& rules, const RowView& row,
                 std::vector<Violation>& violations) {
    for (Violation& more : fill_from_row(command, rules, row, names_)) violations.push_back(std::move(more));
  }

  void check_first(const std::vector<std::string>& key, size_t at, std::vector<Violation>& violations) {
    const auto [first, is_first] = by_key_.emplace(key, at);
    if (is_first) return;
    violations.push_back({join(rules_.key, ", "),
                          "is the same as in line " + std::to_string(table_.rows[first->second].line),
                          "a deal's key must be its own; name more columns in the mapping's key if it is not"});
  }

  void find_lead(const RowView& row, DealRow& deal, std::vector<Violation>& violations) {
    const auto key = key_of(row, rules_.on, violations);
    if (!violations.empty()) return;
    deal.lead_row = leads_->find(key);
    const std::string field = join(rules_.on, ", ");
    if (deal.lead_row >= leads_->counts().rows) {
      violations.push_back({field, "is no lead's", "add the lead to the file of leads"});
    } else if (leads_->row(deal.lead_row).lead.empty()) {
      violations.push_back(
          {field, "is that of a lead that was refused, in line " + std::to_string(leads_->line(deal.lead_row)),
           "see the file of refused leads"});
    } else {
      deal.open.set_lead(leads_->row(deal.lead_row).lead);
    }
  }

  // What the service would say once the deal is there: so a deal is not opened that cannot be won.
  void check_amount(const DealRow& deal, std::vector<Violation>& violations) const {
    std::string field = "amount";
    for (const FieldRule& rule : rules_.win) {
      if (rule.path == "amount" && !rule.column.empty()) field = rule.column;
    }
    if (!deal.win.has_amount()) {
      violations.push_back({field, "is empty for a deal that was won", "fill it in; 0 is an amount too"});
    } else if (deal.win.amount().minor_units() < 0) {
      violations.push_back({field, "is negative", "use zero or more"});
    } else if (deal.open.has_expected() && deal.open.expected().currency() != deal.win.amount().currency()) {
      violations.push_back({field, "is in another currency than what was expected", "use one currency for a deal"});
    }
  }

  // A deal is opened when the mapping says, else with its lead, but not after it was closed.
  void set_times(DealRow& deal, std::vector<Violation>& violations) const {
    const Timestamp* closed = nullptr;
    if (deal.outcome == "won" && deal.win.has_occurred_at()) closed = &deal.win.occurred_at();
    if (deal.outcome == "lost" && deal.lose.has_occurred_at()) closed = &deal.lose.occurred_at();
    if (deal.open.has_occurred_at()) {
      if (closed && to_instant(*closed) < to_instant(deal.open.occurred_at())) {
        violations.push_back({"occurred_at", "of closing is before that of opening", "correct one of the two dates"});
      }
      return;
    }
    const Timestamp* begun = nullptr;
    if (leads_ && leads_->row(deal.lead_row).command.has_occurred_at()) {
      begun = &leads_->row(deal.lead_row).command.occurred_at();
    }
    if (closed && (!begun || to_instant(*closed) < to_instant(*begun))) begun = closed;
    if (begun) *deal.open.mutable_occurred_at() = *begun;
  }

  void set_ids(DealRow& deal, const std::vector<std::string>& key) const {
    const std::string id = row_id("opportunity", mapping_.source, "deal", key);
    deal.open.set_opportunity(id);
    deal.win.set_opportunity(id);
    deal.lose.set_opportunity(id);
  }

  const Mapping& mapping_;
  const DealRules& rules_;
  const CsvTable& table_;
  const TeamNames& names_;
  const LeadImport* const leads_;
  Rejections& rejections_;
  std::map<std::vector<std::string>, size_t> by_key_;
};

}  // namespace

uint64_t drop_other_deals(CsvTable& deals, const DealRules& rules, const LeadImport& leads) {
  return std::erase_if(deals.rows, [&](const CsvRow& row) {
    const RowView view{deals, row};
    if (!ragged(view).empty()) return false;
    std::vector<std::string> key;
    for (const std::string& column : rules.on) key.push_back(view.cell(column));
    return leads.find(key) >= leads.counts().rows;
  });
}

std::vector<DealRow> prepare_deals(const Mapping& mapping, const CsvTable& table, const TeamNames& names,
                                   const LeadImport* leads, Rejections& rejections) {
  return Preparation(mapping, table, names, leads, rejections).run();
}

}  // namespace tandem::cli
