#include "shared/base/commission_ids.h"

#include "shared/base/ids.h"

namespace tandem {

std::string ledger_id(std::string_view payee, std::string_view plan) {
  return std::string(payee).append("/").append(plan);
}

std::string statement_id(std::string_view payee, std::string_view period, std::string_view currency) {
  return std::string(payee).append("/").append(period).append("/").append(currency);
}

std::string entry_id(std::string_view owner, std::string_view of, std::string_view kind) {
  return derive_id("entry", {owner, of, kind});
}

}  // namespace tandem
