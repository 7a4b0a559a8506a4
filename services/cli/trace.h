// From a cent of commission back to the touch that began it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::cli {

// One step back. What the services know is in `what`; where its event stands in the log is found on demand.
struct ChainLink {
  std::string title;       // "DealWon"
  std::string subject;     // id of the aggregate
  std::string what;        // for people: "EUR 12,000.00 by ana"
  std::string brief;       // for one line: "DealWon opportunity-7f3a"
  std::string service;     // whose log has the event
  std::string event_type;  // in full; empty: it is no event of its own
  std::string key;         // id that the event's payload must hold, where the aggregate does not say it (a team's lead)
  std::string position;    // "sales/3:17", if it was looked up
  std::string happened_at;
};

struct Chain {
  incentives::v1::Entry entry;
  std::vector<ChainLink> links;   // from the entry back
  std::vector<std::string> gaps;  // what could not be found out, in words
};

// The event by which the entry was made: PayoutMade for what is carried forward, else one of its ledger.
ChainLink origin_of(const incentives::v1::Entry& entry);
// Of the deal's reversals the one that a clawback answers; null if it is not among them.
const sales::v1::Reversal* reversal_of(const incentives::v1::Entry& clawback, const sales::v1::Opportunity& deal);

// NOT_FOUND for an unknown entry. Later links that are unknown become gaps.
Result<Chain> trace_entry(Session& session, const std::string& entry);
// Fills positions, and links that the services could not tell, from the log. Reads all of it.
Status locate_in_log(Session& session, Chain& chain);

// "EUR 152.00 to ana <- tier 2 of plan "AE 2026" v3 <- DealWon opportunity-7f3a <- ...".
std::string in_one_line(const Chain& chain);

}  // namespace tandem::cli
