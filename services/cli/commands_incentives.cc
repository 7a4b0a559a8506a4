// plans, ledgers, statements: commission.
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/apply/apply_command.h"
#include "services/cli/apply/fields.h"
#include "services/cli/calls.h"
#include "services/cli/statements.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace incentives::v1;  // NOLINT(google-build-using-namespace): the messages of one service

void add_plans(CLI::App& root, Session& session) {
  CLI::App& plans = add_group(root, "plans", "Commission plans");
  add_apply(plans, session, "Publish versions of plans as files say",
            "tandem plans apply deploy/samples/plans.yaml --dry-run\n"
            "tandem plans apply deploy/samples/plans.yaml",
            {"plan"});
  add_list(plans, session,
           {{"list", "Plans",
             "tandem plans list\n"
             "tandem plans list --kind override"},
            incentives_method("ListPlans"),
            ListPlansResult::default_instance(),
            {{"PLAN", "plan"},
             {"NAME", "name"},
             {"KIND", "kind"},
             {"CURRENCY", "currency"},
             {"VERSIONS", "versions"},
             {"CREATED", "created_at"}},
            {{"--kind", "kind", "direct or override"}, {"--currency", "currency", "In this currency"}}});
  add_get(plans, session,
          {{"get", "One plan with all its versions", "tandem plans get ae-2026"},
           incentives_method("GetPlan"),
           GetPlan::default_instance(),
           Plan::default_instance(),
           {"PLAN", "plan", "Id of the plan"}});
}

void add_ledgers(CLI::App& root, Session& session) {
  CLI::App& ledgers = add_group(root, "ledgers", "What a payee has earned by a plan");
  add_list(ledgers, session,
           {{"list", "Ledgers",
             "tandem ledgers list --payee ana\n"
             "tandem ledgers list --plan ae-2026 --all"},
            incentives_method("ListLedgers"),
            ListLedgersResult::default_instance(),
            {{"LEDGER", "ledger"},
             {"PAYEE", "payee"},
             {"PLAN", "plan"},
             {"CURRENCY", "currency"},
             {"PERIODS", "periods"},
             {"DEALS", "deals"}},
            {{"--payee", "payee", "Of this payee"}, {"--plan", "plan", "By this plan"}}});
  add_get(ledgers, session,
          {{"get", "One ledger: balances, attainment by period, deals", "tandem ledgers get ana/ae-2026"},
           incentives_method("GetLedger"),
           GetLedger::default_instance(),
           Ledger::default_instance(),
           {"LEDGER", "ledger", "PAYEE/PLAN"}});
}

void add_name(CLI::App& command, StatementName& name) {
  command.add_option("WHO", name.who, "The payee, or PAYEE/PERIOD/CURRENCY")->required()->type_name(" ");
  command.add_option("--period", name.period, "2026-10 or 2026-Q4")->type_name("PERIOD");
  command.add_option("--currency", name.currency, "Where there are several")->type_name("CURRENCY");
}

Status show(Session& session, const StatementName& name) {
  TANDEM_ASSIGN_OR_RETURN(auto statements, find_statements(session, name));
  if (name.period.empty()) keep_latest(statements);
  auto list = nlohmann::ordered_json::array();
  for (size_t i = 0; i < statements.size(); ++i) {
    TANDEM_ASSIGN_OR_RETURN(const auto entries, entries_of(session, statements[i]));
    if (session.output == Format::kTable) {
      session.out() << (i ? "\n" : "") << describe_statement(statements[i], entries);
      continue;
    }
    nlohmann::ordered_json one = {{"statement", nlohmann::ordered_json::parse(to_json(statements[i], false))}};
    for (const Entry& entry : entries) one["entries"].push_back(nlohmann::ordered_json::parse(to_json(entry, false)));
    list.push_back(std::move(one));
  }
  if (session.output != Format::kTable) print_json(session.out(), session.output, list);
  return {};
}

void add_show(CLI::App& statements, Session& session) {
  auto name = std::make_shared<StatementName>();
  CLI::App& command = add_command(statements, "show", "A statement, every entry with its working",
                                  "tandem statements show ana --period 2026-10\n"
                                  "tandem statements show ana/2026-10/EUR --output json",
                                  [&session, name] { return show(session, *name); });
  add_name(command, *name);
}

void add_approve(CLI::App& statements, Session& session) {
  struct Options {
    StatementName name;
    std::string expected;
    WriteOptions write;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      statements, "approve", "Close a statement as it stands",
      "tandem statements approve ana --period 2026-10\n"
      "tandem statements approve ana/2026-10/EUR --expected \"EUR 18,220.40\"",
      [&session, options]() -> Status {
        ApproveStatement request;
        TANDEM_RETURN_IF_ERROR(options->write.apply_to(request, session));
        if (!options->expected.empty()) {
          auto status = set_path(request, "expected_total", options->expected, {});
          if (!status.ok()) return session.usage("--expected", "is not an amount of money", "write EUR 18,220.40");
        }
        TANDEM_ASSIGN_OR_RETURN(const Statement statement, find_statement(session, options->name));
        request.set_statement(statement.statement());
        TANDEM_ASSIGN_OR_RETURN(const auto result,
                                session.call<type::v1::CommandResult>(incentives_method("ApproveStatement"), request));
        print_result(session, result);
        return {};
      });
  add_name(command, options->name);
  command.add_option("--expected", options->expected, "The total that you saw: it must still be that")
      ->type_name("MONEY");
  options->write.add_to(command);
}

void add_pay(CLI::App& statements, Session& session) {
  struct Options {
    StatementName name;
    std::string reference;
    WriteOptions write;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      statements, "pay", "Record that an approved statement is paid out",
      "tandem statements pay ana --period 2026-10 --reference payroll-2026-11", [&session, options]() -> Status {
        PayStatement request;
        TANDEM_RETURN_IF_ERROR(options->write.apply_to(request, session));
        TANDEM_ASSIGN_OR_RETURN(const Statement statement, find_statement(session, options->name));
        request.set_statement(statement.statement());
        request.set_payment_reference(options->reference);
        TANDEM_ASSIGN_OR_RETURN(const auto result,
                                session.call<type::v1::CommandResult>(incentives_method("PayStatement"), request));
        print_result(session, result);
        return {};
      });
  add_name(command, options->name);
  command.add_option("--reference", options->reference, "What the payroll knows the payment by")->type_name("ID");
  options->write.add_to(command);
}

}  // namespace

void add_incentives_commands(CLI::App& root, Session& session) {
  add_plans(root, session);
  add_ledgers(root, session);
  CLI::App& statements = add_group(root, "statements", "What payees are paid for a period");
  add_list(statements, session,
           {{"list", "Statements, by period",
             "tandem statements list --period 2026-10\n"
             "tandem statements list --payee ana --status open"},
            incentives_method("ListStatements"),
            ListStatementsResult::default_instance(),
            {{"STATEMENT", "statement"},
             {"STATUS", "status"},
             {"TOTAL", "total"},
             {"LINES", "lines"},
             {"PAID", "paid"},
             {"CARRIED", "carried_forward"},
             {"APPROVED BY", "approved_by"}},
            {{"--payee", "payee", "Of this payee"},
             {"--period", "period", "2026-10 or 2026-Q4"},
             {"--status", "status", "open, approved or paid"},
             {"--currency", "currency", "In this currency"}}});
  add_show(statements, session);
  add_approve(statements, session);
  add_pay(statements, session);
}

}  // namespace tandem::cli
