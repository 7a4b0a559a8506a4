// The books of the demonstration: what the services say that there is, and whether that agrees with what was sent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/cli/demo/salespeople.h"
#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

// Counted from the lists of the services; deals are those of the demonstration's team. Money is EUR, minor units.
struct Company {
  uint64_t leads = 0;
  uint64_t touches = 0;  // of all leads, the first of each included
  uint64_t qualified = 0;
  uint64_t accepted = 0;
  uint64_t won = 0;  // deals that were won, taken back or not
  int64_t won_minor = 0;
  int64_t reversed_minor = 0;
  uint64_t still_open = 0;
  std::map<std::string, uint64_t> won_by;  // owner
};
Result<Company> count_company(Session& session);

// A ledger's payee, and what the ledgers and statements of incentives in EUR come to. Those in another currency, of an
// installation that has seen more than demonstrations, are only looked at for their balance.
struct Pay {
  int64_t commission_minor = 0;  // earned, less what was clawed back
  int64_t attained_minor = 0;    // credit, less what was taken back
  int64_t quota_minor = 0;       // of the same periods
};
struct Ledgers {
  uint64_t count = 0;
  std::vector<std::string> out_of_balance;  // whose accounts do not sum to zero
  int64_t commission_minor = 0;
  int64_t statements_minor = 0;  // of all lines, but for what was carried forward
  std::map<std::string, Pay> by_payee;
};
Result<Ledgers> count_ledgers(Session& session);

// What the clients were told: how many leads were sent, and what became of them.
struct Sent {
  uint64_t sent = 0;
  uint64_t repeated = 0;                    // known by their request id or reference from an earlier run
  std::map<std::string, uint64_t> refused;  // by what was wrong

  uint64_t refused_in_all() const;
};

struct Books {
  Company before;
  Company after;
  Ledgers ledgers;
  Sent sent;
  SalesDone sales;
  uint64_t unpublished = 0;
  uint64_t parked = 0;

  uint64_t new_leads() const { return after.leads - before.leads; }
  uint64_t known() const { return (after.touches - before.touches) - new_leads(); }
};

// Everything that does not agree, in words; empty if the books balance.
std::vector<std::string> discrepancies(const Books& books);

}  // namespace tandem::cli
