#include "services/cli/import/deal_import.h"

#include <algorithm>
#include <utility>

#include "services/cli/import/command_flow.h"
#include "services/cli/import/import_files.h"
#include "services/cli/import/lead_lookup.h"
#include "services/cli/import/row_values.h"
#include "services/cli/progress.h"
#include "shared/aggregate/convert.h"
#include "shared/base/money.h"

namespace tandem::cli {
namespace {

// What a closing is told while its deal is not open yet.
bool only_misses_deal(const Error& error) {
  return error.code == Code::kNotFound && error.violations.size() == 1 &&
         error.violations.front().field == "opportunity";
}

}  // namespace

DealImport::DealImport(Session& session, const Mapping& mapping, const CsvTable& table, const TeamNames& names,
                       const LeadImport* leads, bool dry_run)
    : session_(session),
      mapping_(mapping),
      table_(table),
      names_(names),
      leads_(leads),
      dry_run_(dry_run),
      rejections_(table) {
  counts_.rows = table.rows.size();
}

Status DealImport::run() {
  deals_ = prepare_deals(mapping_, table_, names_, leads_, rejections_);
  fates_.resize(deals_.size());
  if (leads_) TANDEM_RETURN_IF_ERROR(add_customers());
  sign_all();
  // All that a service can say of a closing is asked for before its deal is opened: none is left half done.
  for (const char* outcome : {"won", "lost"}) TANDEM_RETURN_IF_ERROR(close(outcome, true, true));
  TANDEM_RETURN_IF_ERROR(open());
  if (!dry_run_) {
    for (const char* outcome : {"won", "lost"}) TANDEM_RETURN_IF_ERROR(close(outcome, false, false));
  }
  return count();
}

Status DealImport::add_customers() {
  std::vector<std::string> ids;
  ids.reserve(deals_.size());
  for (const DealRow& deal : deals_) ids.push_back(deal.open.lead());
  TANDEM_ASSIGN_OR_RETURN(const auto origins, look_up_leads(session_, ids));
  for (size_t i = 0; i < deals_.size(); ++i) {
    deals_[i].open.set_customer(origins[i].customer);
    deals_[i].open.set_touch(origins[i].touch);
    deals_[i].open.set_campaign(origins[i].campaign);
  }
  return {};
}

void DealImport::sign_all() {
  for (DealRow& deal : deals_) {
    sign(deal.open, mapping_.source, "open", dry_run_);
    sign(deal.win, mapping_.source, "win", true);
    sign(deal.lose, mapping_.source, "lose", true);
  }
}

Status DealImport::open() {
  CommandFlow flow;
  flow.method = std::string(kSales) + "OpenDeals";
  std::vector<size_t> indices;
  for (size_t i = 0; i < deals_.size(); ++i) {
    if (fates_[i].refused) continue;
    indices.push_back(i);
    flow.commands.push_back(&deals_[i].open);
  }
  Progress progress(session_.err(), is_terminal(), indices.size());
  uint64_t done = 0;
  flow.on_answer = [&](size_t at, Result<type::v1::CommandResult> result) {
    const size_t i = indices[at];
    if (!result.ok()) {
      refuse(i, result.error(), mapping_.deals->open);
    } else if (!result->unchanged() && !result->repeated()) {
      fates_[i].changed = true;
    }
    progress.update(++done);
  };
  return run_flow(session_, flow);
}

Status DealImport::close(const std::string& outcome, bool dry_run, bool is_check) {
  const bool won = outcome == "won";
  std::vector<size_t> indices;
  for (size_t i = 0; i < deals_.size(); ++i) {
    if (deals_[i].outcome == outcome && !fates_[i].refused) indices.push_back(i);
  }
  // In their time: what is earned first is booked first.
  const auto time = [&](size_t i) {
    return to_instant(won ? deals_[i].win.occurred_at() : deals_[i].lose.occurred_at());
  };
  std::sort(indices.begin(), indices.end(),
            [&](size_t a, size_t b) { return std::pair(time(a), a) < std::pair(time(b), b); });
  CommandFlow flow;
  flow.method = std::string(kSales) + (won ? "WinDeals" : "LoseDeals");
  for (const size_t i : indices) {
    deals_[i].win.set_validate_only(dry_run);
    deals_[i].lose.set_validate_only(dry_run);
    flow.commands.push_back(won ? static_cast<const google::protobuf::Message*>(&deals_[i].win) : &deals_[i].lose);
  }
  flow.on_answer = [&](size_t at, Result<type::v1::CommandResult> result) {
    const size_t i = indices[at];
    if (!result.ok()) {
      if (!is_check || !only_misses_deal(result.error())) {
        refuse(i, result.error(), won ? mapping_.deals->win : mapping_.deals->lose);
      }
    } else if (!result->unchanged() && !result->repeated()) {
      fates_[i].changed = true;
    }
  };
  return run_flow(session_, flow);
}

void DealImport::refuse(size_t index, const Error& error, const std::vector<FieldRule>& rules) {
  fates_[index].refused = true;
  rejections_.add(deals_[index].at, by_column(error, rules));
}

Status DealImport::count() {
  for (size_t i = 0; i < deals_.size(); ++i) {
    if (fates_[i].refused) continue;
    (fates_[i].changed ? counts_.fresh : counts_.unchanged)++;
    if (deals_[i].outcome == "open") counts_.open++;
    if (deals_[i].outcome == "lost") counts_.lost++;
    if (deals_[i].outcome != "won") continue;
    counts_.won++;
    int64_t& sum = counts_.won_minor[deals_[i].win.amount().currency()];
    TANDEM_ASSIGN_OR_RETURN(sum, add_minor(sum, deals_[i].win.amount().minor_units()));
  }
  return {};
}

}  // namespace tandem::cli
