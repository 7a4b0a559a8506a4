// leads import, deals import, team import: what other systems exported.
#include <memory>

#include "services/cli/app.h"
#include "services/cli/import/deal_import.h"
#include "services/cli/import/import_files.h"
#include "services/cli/import/import_report.h"
#include "services/cli/import/lead_import.h"
#include "services/cli/import/row_values.h"
#include "services/cli/import/team_import.h"

namespace tandem::cli {
namespace {

// With --limit and with a file of refused leads, deals of leads that are not looked at are not looked at either.
void drop_others(Session& session, const ImportOptions& options, const ImportSource& source, const LeadImport& leads,
                 CsvTable& deals) {
  if (options.limit == 0 && !source.table.refused_before) return;
  const uint64_t dropped = drop_other_deals(deals, *source.mapping.deals, leads);
  session.err() << dropped << " deals are left out: their leads are not "
                << (options.limit > 0 ? "among the first " + std::to_string(options.limit) + " rows of " : "in ")
                << source.table.file << "\n";
}

Status import_leads(Session& session, const ImportOptions& options) {
  TANDEM_ASSIGN_OR_RETURN(const ImportSource source, open_source(session, options, "leads"));
  CsvTable joined;
  if (source.mapping.deals) {
    TANDEM_ASSIGN_OR_RETURN(joined, open_joined(options, source.mapping));
  }
  ImportReport report;
  report.dry_run = options.dry_run;
  LeadImport leads(session, source.mapping, source.table, options.dry_run);
  report.leads = &leads;
  report.rejected_leads = rejected_file(options.rejected_folder, source.table, &joined);
  const Status captured = leads.run();
  TANDEM_RETURN_IF_ERROR(leads.rejections().write(report.rejected_leads));
  TANDEM_RETURN_IF_ERROR(captured);
  std::unique_ptr<DealImport> deals;
  if (source.mapping.deals) {
    drop_others(session, options, source, leads, joined);
    deals = std::make_unique<DealImport>(session, source.mapping, joined, source.names, &leads, options.dry_run);
    report.deals = deals.get();
    report.rejected_deals = rejected_file(options.rejected_folder, joined, &source.table);
    const Status closed = deals->run();
    TANDEM_RETURN_IF_ERROR(deals->rejections().write(report.rejected_deals));
    TANDEM_RETURN_IF_ERROR(closed);
  }
  print_report(session, report);
  return {};
}

Status import_deals(Session& session, const ImportOptions& options) {
  TANDEM_ASSIGN_OR_RETURN(const ImportSource source, open_source(session, options, "deals"));
  DealImport deals(session, source.mapping, source.table, source.names, nullptr, options.dry_run);
  ImportReport report;
  report.dry_run = options.dry_run;
  report.deals = &deals;
  report.rejected_deals = rejected_file(options.rejected_folder, source.table);
  const Status closed = deals.run();
  TANDEM_RETURN_IF_ERROR(deals.rejections().write(report.rejected_deals));
  TANDEM_RETURN_IF_ERROR(closed);
  print_report(session, report);
  return {};
}

void add_options(CLI::App& command, ImportOptions& options) {
  command.add_option("FILE", options.file, "The CSV file")->type_name("")->required();
  command.add_option("--mapping", options.mapping, "How its columns become fields: a YAML file, see docs/import.md")
      ->type_name("FILE")
      ->required();
  command
      .add_option_function<std::string>(
          "--encoding", [&options](const std::string& name) { options.latin1 = name == "latin1"; },
          "utf-8 or latin1 (utf-8)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"utf-8", "latin1"}).description(""));
  command
      .add_option("--rejected-folder", options.rejected_folder,
                  "Where refused rows are written to, as FILE.rejected.csv (the current folder)")
      ->type_name("FOLDER");
  command.add_flag("--dry-run", options.dry_run, "Say what would become of every row, and do nothing");
  command.add_option("--limit", options.limit, "Only the first N rows")->type_name("N")->check(CLI::PositiveNumber);
}

void add_leads_import(CLI::App& root, Session& session) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App& command =
      add_command(add_group(root, "leads", "People who show interest"), "import",
                  "Leads from a CSV file, and deals that belong to them. Run again, it goes on where it was broken off",
                  "tandem leads import leads.csv --mapping deploy/samples/leads-mapping.yaml --dry-run\n"
                  "tandem leads import leads.csv --mapping deploy/samples/leads-mapping.yaml\n"
                  "tandem leads import old.csv --mapping old.yaml --encoding latin1 --deals old-deals.csv",
                  [&session, options] { return import_leads(session, *options); });
  add_options(command, *options);
  command.add_option("--deals", options->deals, "The file of the leads' deals (the mapping's, beside FILE)")
      ->type_name("FILE");
}

void add_deals_import(CLI::App& root, Session& session) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App& command =
      add_command(add_group(root, "deals", "Opportunities"), "import",
                  "Deals in any stage from another CRM's CSV file, with no leads behind them",
                  "tandem deals import deals.csv --mapping deploy/samples/deals-mapping.yaml --dry-run\n"
                  "tandem deals import deals.csv --mapping deploy/samples/deals-mapping.yaml",
                  [&session, options] { return import_deals(session, *options); });
  add_options(command, *options);
}

void add_team_import(CLI::App& root, Session& session) {
  const auto options = std::make_shared<TeamImportOptions>();
  CLI::App& command = add_command(
      add_group(root, "team", "Sales teams"), "import", "A team whose members are the values of a column of a CSV file",
      "tandem team import deals.csv --column sr_id --definition deploy/samples/olist/team.yaml --dry-run\n"
      "tandem team import deals.csv --column sr_id --definition deploy/samples/olist/team.yaml\n"
      "tandem team import deals.csv --column sr_id --definition deploy/samples/olist/team.yaml --print > my-team.yaml",
      [&session, options] { return import_team(session, *options); });
  command.add_option("FILE", options->file, "The CSV file")->type_name("")->required();
  command.add_option("--column", options->column, "The column with the ids of the salespeople")
      ->type_name("NAME")
      ->required();
  command.add_option("--definition", options->definition, "The team as for team apply, with one member as a pattern")
      ->type_name("FILE")
      ->required();
  command.add_flag("--dry-run", options->dry_run, "Say what would change, and do nothing");
  command.add_flag("--print", options->print, "Print the team as YAML for team apply, and do nothing");
}

}  // namespace

void add_import_commands(CLI::App& root, Session& session) {
  add_leads_import(root, session);
  add_deals_import(root, session);
  add_team_import(root, session);
}

}  // namespace tandem::cli
