#include "services/cli/import/import_report.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "services/cli/output.h"
#include "shared/base/money.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using nlohmann::ordered_json;

ordered_json refused_json(const Rejections& rejections, const std::filesystem::path& file) {
  ordered_json reasons = ordered_json::object();
  for (const auto& [reason, count] : rejections.by_reason()) reasons[reason] = count;
  ordered_json refused = {{"count", rejections.count()}, {"by_reason", reasons}};
  if (rejections.count() > 0) refused["file"] = file.string();
  return refused;
}

ordered_json leads_json(const ImportReport& report) {
  const auto& counts = report.leads->counts();
  return {{"rows", counts.rows},
          {"new", counts.fresh},
          {"touches", counts.touches},
          {"unchanged", counts.unchanged},
          {"refused", refused_json(report.leads->rejections(), report.rejected_leads)}};
}

ordered_json deals_json(const ImportReport& report) {
  const auto& counts = report.deals->counts();
  ordered_json sums = ordered_json::array();
  for (const auto& [currency, minor] : counts.won_minor) {
    sums.push_back({{"minor_units", minor}, {"currency", currency}});
  }
  return {{"rows", counts.rows},
          {"new", counts.fresh},
          {"unchanged", counts.unchanged},
          {"refused", refused_json(report.deals->rejections(), report.rejected_deals)},
          {"won", counts.won},
          {"won_amount", sums},
          {"lost", counts.lost},
          {"open", counts.open}};
}

void print_refused(std::ostream& out, const Rejections& rejections, const std::filesystem::path& file) {
  if (rejections.count() == 0) return;
  for (const auto& [reason, count] : rejections.by_reason()) {
    out << "  refused " << with_commas(count) << ": " << reason << "\n";
  }
  out << "  the refused rows, line by line: " << file.string() << "\n";
}

void print_leads(std::ostream& out, const ImportReport& report) {
  const auto& counts = report.leads->counts();
  out << with_commas(counts.rows) << " rows = " << with_commas(counts.fresh) << " new leads + "
      << with_commas(counts.touches) << " touches of known ones + " << with_commas(report.leads->rejections().count())
      << " refused";
  if (counts.unchanged > 0) out << " + " << with_commas(counts.unchanged) << " unchanged";
  out << "\n";
  print_refused(out, report.leads->rejections(), report.rejected_leads);
}

void print_deals(std::ostream& out, const ImportReport& report) {
  const auto& counts = report.deals->counts();
  out << with_commas(counts.rows) << " deals = " << with_commas(counts.fresh) << " new or changed + "
      << with_commas(report.deals->rejections().count()) << " refused";
  if (counts.unchanged > 0) out << " + " << with_commas(counts.unchanged) << " unchanged";
  out << "\n";
  print_refused(out, report.deals->rejections(), report.rejected_deals);
  std::vector<std::string> sums;
  sums.reserve(counts.won_minor.size());
  for (const auto& [currency, minor] : counts.won_minor) sums.push_back(format_money({minor, currency}));
  out << "  won " << with_commas(counts.won) << (sums.empty() ? "" : " (" + join(sums, ", ") + ")") << ", lost "
      << with_commas(counts.lost) << ", open " << with_commas(counts.open) << "\n";
}

}  // namespace

void print_report(Session& session, const ImportReport& report) {
  if (session.output != Format::kTable) {
    ordered_json document = {{"dry_run", report.dry_run}};
    if (report.leads) document["leads"] = leads_json(report);
    if (report.deals) document["deals"] = deals_json(report);
    return print_json(session.out(), session.output, document);
  }
  if (report.dry_run) session.out() << "Dry run: nothing was done. It would be:\n";
  if (report.leads) print_leads(session.out(), report);
  if (report.deals) print_deals(session.out(), report);
}

}  // namespace tandem::cli
