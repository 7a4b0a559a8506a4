#include "shared/base/identity.h"

#include "shared/base/case_fold.h"
#include "shared/base/contact.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"
#include "shared/base/violations.h"

namespace tandem {

Result<Identity> identify(std::string_view email, std::string_view phone, std::string_view path) {
  Identity identity;
  Violations wrong;
  const auto take = [&](Result<std::string> normalized, const char* field, std::string& into) {
    if (normalized.ok()) {
      into = std::move(normalized).value();
    } else {
      wrong.add(with_field(std::move(normalized).error(), std::string(path) + "." + field));
    }
  };
  if (!trim(email).empty()) take(normalize_email(email), "email", identity.email);
  if (!trim(phone).empty()) take(normalize_phone(phone), "phone", identity.phone);
  if (!wrong.empty()) return wrong.take();
  return identity;
}

std::string email_domain(std::string_view email) {
  const std::size_t at = email.rfind('@');
  return at == std::string_view::npos ? std::string() : std::string(email.substr(at + 1));
}

std::string lead_id(const Identity& identity, std::string_view request_id, std::string_view identity_key) {
  if (!identity.email.empty()) return keyed_id("lead", identity_key, {"email", identity.email});
  if (!identity.phone.empty()) return keyed_id("lead", identity_key, {"phone", identity.phone});
  if (!identity.reference.empty()) return keyed_id("lead", identity_key, {"reference", identity.reference});
  return keyed_id("lead", identity_key, {"request", request_id});
}

std::string customer_id(std::string_view lead_id) { return derive_id("customer", {lead_id}); }

std::string account_customer_id(std::string_view account) {
  return derive_id("customer", {"account", fold_case(trim(account))});
}

}  // namespace tandem
