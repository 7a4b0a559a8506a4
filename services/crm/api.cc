// What callers may ask of CRM, and which aggregate decides.
#include "services/crm/contract.h"
#include "services/crm/customer.h"
#include "services/crm/interaction.h"
#include "services/crm/service.h"
#include "shared/base/identity.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"

namespace tandem::crm {

Api api(const InstallationKeys& keys) {
  // The customer that the same person has as a lead, that the same company has as an account.
  const auto customer = [key = keys.identity_key](const v1::RegisterCustomer& c,
                                                  const RequestInfo& info) -> Result<std::string> {
    const auto& person = c.person();
    TANDEM_ASSIGN_OR_RETURN(const Identity identity, identify(person.email(), person.phone(), "person"));
    const bool nobody = identity.email.empty() && identity.phone.empty() && trim(person.name()).empty();
    if (nobody && !trim(c.company()).empty()) return account_customer_id(c.company());
    return customer_id(lead_id(identity, info.request_id, key));
  };
  const auto note = [](const v1::AddNote& c, const RequestInfo& info) {
    return derive_id("interaction", {"note", c.customer(), info.request_id});
  };

  Api a("tandem.crm.v1.CrmService");
  a.command<Customer, v1::RegisterCustomer>("RegisterCustomer", customer)
      .get<Customer>("GetCustomer")
      .list<Customer>("ListCustomers");
  a.command<Interaction, v1::AddNote>("AddNote", note)
      .get<Interaction>("GetInteraction")
      .list<Interaction>("ListInteractions");
  a.get<Contract>("GetContract").list<Contract>("ListContracts");
  return a;
}

}  // namespace tandem::crm
