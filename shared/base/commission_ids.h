// What commission is known by, for those who book it and those who look it up. Ids are stored: they must never change.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

// "ana" and "ae-2026" are the ledger "ana/ae-2026".
std::string ledger_id(std::string_view payee, std::string_view plan);
// "ana", "2026-10" and "EUR" are the statement "ana/2026-10/EUR".
std::string statement_id(std::string_view payee, std::string_view period, std::string_view currency);
// From what makes the entry what it is: the ledger or statement, the deal, reversal or period, and its kind
// ("ENTRY_KIND_CLAWBACK").
std::string entry_id(std::string_view owner, std::string_view of, std::string_view kind);

}  // namespace tandem
