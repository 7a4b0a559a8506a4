// customers, contracts: what CRM knows.

#include "services/cli/app.h"
#include "services/cli/calls.h"
#include "tandem/crm/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace crm::v1;  // NOLINT(google-build-using-namespace): the messages of one service

// The list of interactions of one customer, named by a positional argument rather than by a filter.
void add_timeline(CLI::App& customers, Session& session) {
  add_list(customers, session,
           {{"timeline", "What marketing, sales and CRM know of a customer, in order; for commission see statements",
             "tandem customers timeline customer-9c1e\n"
             "tandem customers timeline customer-9c1e --order desc --page-size 20"},
            crm_method("ListInteractions"),
            ListInteractionsResult::default_instance(),
            {{"HAPPENED", "happened_at"}, {"SUMMARY", "summary"}, {"ACTOR", "actor"}, {"SUBJECT", "subject"}},
            {{"CUSTOMER", "customer", "Id of the customer"}}});
}

}  // namespace

void add_customers_commands(CLI::App& root, Session& session) {
  CLI::App& customers = add_group(root, "customers", "Who may buy, buys, or bought");
  add_list(customers, session,
           {{"list", "Customers, in the order in which they became known",
             "tandem customers list --stage evaluating\n"
             "tandem customers list --filter 'country = DE AND purchases >= 2' --all"},
            crm_method("ListCustomers"),
            ListCustomersResult::default_instance(),
            {{"CUSTOMER", "customer"},
             {"COMPANY", "company"},
             {"COUNTRY", "country"},
             {"STAGE", "stage"},
             {"RELATIONSHIP", "relationship"},
             {"PURCHASES", "purchases"},
             {"SINCE", "stage_since"}},
            {{"--stage", "stage", "Stage of the purchasing process"},
             {"--relationship", "relationship", "Prospective, new or old"},
             {"--lead", "lead", "Who came of this lead"}}});
  add_get(customers, session,
          {{"get", "One customer", "tandem customers get customer-9c1e"},
           crm_method("GetCustomer"),
           GetCustomer::default_instance(),
           Customer::default_instance(),
           {"CUSTOMER", "customer", "Id of the customer"}});
  add_timeline(customers, session);

  CLI::App& contracts = add_group(root, "contracts", "What was agreed with customers");
  add_list(contracts, session,
           {{"list", "Contracts, in the order in which they were signed",
             "tandem contracts list --customer customer-9c1e\n"
             "tandem contracts list --status signed --all --output json"},
            crm_method("ListContracts"),
            ListContractsResult::default_instance(),
            {{"CONTRACT", "contract"},
             {"CUSTOMER", "customer"},
             {"PRODUCT", "product"},
             {"STATUS", "status"},
             {"SIGNED FOR", "signed_amount"},
             {"NOW", "amount"},
             {"MONTHS", "months"},
             {"SIGNED", "signed_at"}},
            {{"--customer", "customer", "Of this customer"}, {"--status", "status", "signed or ended"}}});
  add_get(contracts, session,
          {{"get", "One contract", "tandem contracts get contract-9c1e"},
           crm_method("GetContract"),
           GetContract::default_instance(),
           Contract::default_instance(),
           {"CONTRACT", "contract", "Id of the contract"}});
}

}  // namespace tandem::cli
