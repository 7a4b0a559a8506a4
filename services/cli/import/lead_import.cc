#include "services/cli/import/lead_import.h"

#include <utility>

#include "services/cli/import/command_flow.h"
#include "services/cli/import/import_files.h"
#include "services/cli/import/row_values.h"
#include "services/cli/progress.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

// The service asks for a team only where the lead is new. An import asks in any case, so that what becomes of a row
// does not depend on the rows before it.
void check_team(const marketing::v1::CaptureLead& command, std::vector<Violation>& violations) {
  if (command.routing() == marketing::v1::ROUTING_HELD) return;
  if (!command.team().empty() || !command.campaign().empty()) return;
  violations.push_back({"team", "is missing, and there is no campaign that has one",
                        "name a team or a campaign in the mapping, or write routing: held"});
}

// What the row is known by for ever, whatever else stands in it: "shop:4711". No other key of the source has the same.
std::string reference_of(const std::string& source, const std::vector<std::string>& key) {
  if (key.size() == 1) return source + ":" + key.front();
  std::string reference = source;
  for (const std::string& part : key) {
    reference += &part == &key.front() ? ':' : '|';
    for (const char c : part) reference += c == '|' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return reference;
}

}  // namespace

LeadImport::LeadImport(Session& session, const Mapping& mapping, const CsvTable& table, bool dry_run)
    : session_(session),
      mapping_(mapping),
      table_(table),
      dry_run_(dry_run),
      rows_(table.rows.size()),
      rejections_(table) {
  counts_.rows = rows_.size();
}

void LeadImport::prepare(size_t at) {
  const RowView row{table_, table_.rows[at]};
  std::vector<Violation> violations = ragged(row);
  if (!violations.empty()) return rejections_.add(at, violations);
  const auto key = key_of(row, mapping_.key, violations);
  if (violations.empty()) {
    const auto [first, is_first] = by_key_.emplace(key, at);
    if (!is_first) {
      violations.push_back({join(mapping_.key, ", "), "is the same as in line " + std::to_string(line(first->second)),
                            "a row's key must be its own; name more columns in the mapping's key if it is not"});
    }
  }
  auto& command = rows_[at].command;
  for (Violation& more : fill_from_row(command, mapping_.lead, row, TeamNames())) {
    violations.push_back(std::move(more));
  }
  if (violations.empty()) check_team(command, violations);
  if (!violations.empty()) return rejections_.add(at, violations);
  command.set_external_reference(reference_of(mapping_.source, key));
  sign(command, mapping_.source, "lead", dry_run_);
}

void LeadImport::on_answer(size_t at, Result<type::v1::CommandResult> result) {
  if (!result.ok()) return rejections_.add(at, by_column(result.error(), mapping_.lead));
  rows_[at].lead = result->subject();
  if (result->unchanged() || result->repeated()) {
    counts_.unchanged++;
    return;
  }
  // A dry run leaves the service as it is: the second row of a new person would be a new lead there as well.
  const bool first = made_.insert(result->subject()).second;
  if (result->event_type() == marketing::v1::LeadCaptured::descriptor()->full_name() && (first || !dry_run_)) {
    counts_.fresh++;
  } else {
    counts_.touches++;
  }
}

Status LeadImport::run() {
  CommandFlow flow;
  flow.method = std::string(kMarketing) + "CaptureLeads";
  std::vector<size_t> rows;
  for (size_t at = 0; at < rows_.size(); ++at) {
    prepare(at);
    if (rejections_.has(at)) continue;
    rows.push_back(at);
    flow.commands.push_back(&rows_[at].command);
  }
  Progress progress(session_.err(), is_terminal(), rows.size());
  uint64_t done = 0;
  flow.on_answer = [&](size_t index, Result<type::v1::CommandResult> result) {
    on_answer(rows[index], std::move(result));
    progress.update(++done);
  };
  TANDEM_RETURN_IF_ERROR(run_flow(session_, flow));
  progress.finish();
  return {};
}

size_t LeadImport::find(const std::vector<std::string>& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? rows_.size() : found->second;
}

}  // namespace tandem::cli
