// Who somebody is: the ids of a person as lead and as customer follow from how they can be reached, else from what
// their sender calls them, so that the same person, captured twice or a hundred times at once, is one, without a lookup
// that could race.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem {

// What somebody is known by. Empty where not known.
struct Identity {
  // How they can be reached, in one spelling each (contact.h).
  std::string email;
  std::string phone;
  // What the sender's system knows them by.
  std::string reference{};
};

// How they can be reached. Blank means not known. INVALID_ARGUMENT names all that is wrong, as `path`.email and
// `path`.phone.
Result<Identity> identify(std::string_view email, std::string_view phone, std::string_view path);

// The domain of a normalised address; empty for an empty one.
std::string email_domain(std::string_view email);

// "lead-...": of the e-mail address, else of the telephone number, else of the reference, else of the request, under
// the installation's key.
std::string lead_id(const Identity& identity, std::string_view request_id, std::string_view identity_key);

// "customer-...": the customer that a lead is, from the beginning and for ever.
std::string customer_id(std::string_view lead_id);

// The customer that is a company with which nobody in particular is known: by its name, letters' case
// (case_fold.h) and blanks around apart.
std::string account_customer_id(std::string_view account);

}  // namespace tandem
