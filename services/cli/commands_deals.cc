// deals: opportunities until they are won, lost or reversed.
#include <memory>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/apply/fields.h"
#include "services/cli/calls.h"
#include "services/cli/sales_commands.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace sales::v1;  // NOLINT(google-build-using-namespace): the messages of one service

const Argument kDeal = {"DEAL", "opportunity", "Id of the opportunity"};

// "ana=60" or "ana=33.33 %".
Status add_split(Session& session, const std::string& text, WinDeal& command) {
  const size_t equals = text.rfind('=');
  const std::string payee = text.substr(0, equals);
  const auto points = parse_percent(equals == std::string::npos ? "" : std::string_view(text).substr(equals + 1));
  if (payee.empty() || !points || *points < 1 || *points > 10'000) {
    return session.usage("--split", "is not PAYEE=PERCENT: " + text, "write --split ana=60 --split ben=40");
  }
  auto& split = *command.add_splits();
  split.set_payee(payee);
  split.set_share_bp(static_cast<uint32_t>(*points));
  return {};
}

void add_win(CLI::App& deals, Session& session) {
  auto splits = std::make_shared<std::vector<std::string>>();
  CLI::App& command = add_write(
      deals, session,
      {{"win", "The deal is won: a contract, and commission",
        "tandem deals win opportunity-7f3a --amount \"EUR 12,000.00\"\n"
        "tandem deals win opportunity-7f3a --amount \"EUR 12,000.00\" --split ana=60 --split ben=40 --months 12 "
        "--starts 2026-11-01 --published"},
       sales_method("WinDeal"),
       WinDeal::default_instance(),
       {kDeal,
        {"--amount", "amount", "EUR 12,000.00", true},
        {"--product", "product", "What was sold (what it was opened with)"},
        {"--months", "terms.months", "How long the contract runs; 0 = a single sale (0)"},
        {"--starts", "terms.starts_at", "When it begins (when it is won)"},
        {"--note", "terms.note", "What else was agreed"}},
       [&session, splits](google::protobuf::Message& message) -> Status {
         for (const std::string& split : *splits) {
           TANDEM_RETURN_IF_ERROR(add_split(session, split, static_cast<WinDeal&>(message)));
         }
         return {};
       }});
  command.add_option("--split", *splits, "Who is credited, in percent; may be repeated (the owner, with all of it)")
      ->type_name("PAYEE=PERCENT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_open(CLI::App& deals, Session& session) {
  add_write(
      deals, session,
      {{"open", "Open a deal by hand",
        "tandem deals open --account \"Nordlicht GmbH\" --team inside --owner ana --pipeline standard\n"
        "tandem deals open --id crm-4711 --account \"Nordlicht GmbH\" --team inside --owner ana --pipeline standard "
        "--stage proposal --expected \"EUR 9,500.00\""},
       sales_method("OpenDeal"),
       OpenDeal::default_instance(),
       {{"--id", "opportunity", "The id that it shall have (derived from the request id)"},
        {"--account", "account", "Name of the company"},
        {"--customer", "customer", "Id of the customer (derived from the account)"},
        {"--lead", "lead", "The lead that it comes from"},
        {"--team", "team", "The team", true},
        {"--owner", "owner", "The salesperson", true},
        {"--pipeline", "pipeline", "The sales process", true},
        {"--stage", "stage", "Where it is in it (the first)"},
        {"--product", "product", "What is to be sold"},
        {"--expected", "expected", "What it may bring, EUR 9,500.00"}}});
}

}  // namespace

void add_deals(CLI::App& root, Session& session) {
  CLI::App& deals = add_group(root, "deals", "Opportunities until they are won, lost or reversed");
  add_open(deals, session);
  add_write(deals, session,
            {{"move", "Move it to another stage", "tandem deals move opportunity-7f3a --stage proposal"},
             sales_method("MoveStage"),
             MoveStage::default_instance(),
             {kDeal, {"--stage", "stage", "A stage of its pipeline", true}}});
  add_win(deals, session);
  add_write(deals, session,
            {{"lose", "It is lost", "tandem deals lose opportunity-7f3a --reason \"no budget this year\""},
             sales_method("LoseDeal"),
             LoseDeal::default_instance(),
             {kDeal, {"--reason", "reason", "Why", true}}});
  add_write(deals, session,
            {{"reverse", "Take a won deal back, in part or as a whole",
              "tandem deals reverse opportunity-7f3a --reason \"returned\"\n"
              "tandem deals reverse opportunity-7f3a --amount \"EUR 2,000.00\" --reason \"fewer seats\""},
             sales_method("ReverseDeal"),
             ReverseDeal::default_instance(),
             {kDeal, {"--amount", "amount", "EUR 2,000.00 (all that is left)"}, {"--reason", "reason", "Why", true}}});
  add_list(deals, session,
           {{"list", "Deals, in the order in which they were opened",
             "tandem deals list --owner ana --status open\n"
             "tandem deals list --filter 'amount.minor_units >= 1000000' --status won --order desc"},
            sales_method("ListOpportunities"),
            ListOpportunitiesResult::default_instance(),
            {{"DEAL", "opportunity"},
             {"STATUS", "status"},
             {"STAGE", "stage"},
             {"OWNER", "owner"},
             {"ACCOUNT", "account"},
             {"PRODUCT", "product"},
             {"EXPECTED", "expected"},
             {"WON FOR", "amount"},
             {"REVERSED", "reversed"},
             {"OPENED", "opened_at"}},
            {{"--status", "status", "open, won, lost or reversed"},
             {"--owner", "owner", "Of this salesperson"},
             {"--team", "team", "Of this team"},
             {"--customer", "customer", "With this customer"},
             {"--lead", "lead", "That came of this lead"},
             {"--stage", "stage", "In this stage"}}});
  add_get(deals, session,
          {{"get", "One deal", "tandem deals get opportunity-7f3a"},
           sales_method("GetOpportunity"),
           GetOpportunity::default_instance(),
           Opportunity::default_instance(),
           kDeal});
}

}  // namespace tandem::cli
