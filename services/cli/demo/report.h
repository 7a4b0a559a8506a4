// What the demonstration shows at its end.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/demo/books.h"
#include "services/cli/demo/setup.h"
#include "services/cli/demo/watch.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::cli {

struct DemoReport {
  std::string bus;
  std::optional<double> rate;
  Books books;
  sales::v1::Team team_before;  // its rotation counts what was given before
  sales::v1::Team team;
  Seen seen;
  DemoWatch::Latencies latencies;               // captured -> assigned, as the log says, microseconds
  std::vector<int64_t> from_intended;           // with a rate: from when it was to be sent until LeadAssigned was seen
  uint64_t events = 0;                          // of all services
  double seconds = 0;                           // in which they came about
  std::map<std::string, uint64_t> tried_again;  // commands, by why
  Period paid_period;
  PaidOut paid;
  TakenBack late;
  std::string one_cent;            // the chain of one entry
  std::vector<std::string> next;   // commands to try
  std::vector<std::string> wrong;  // what does not agree; empty if the books balance
};

// "Nordlicht GmbH · 8 salespeople · ...", known before anything happens.
std::string demo_title(const sales::v1::Team& team, uint64_t campaigns, uint64_t leads, const std::string& bus);
std::string to_text(const DemoReport& report);
// The same figures; money in EUR minor units, times in microseconds.
nlohmann::ordered_json to_json(const DemoReport& report);
// What the rotation gave a member in this run, and what was their due, as the team reckons: of each choice, and what
// they were owed (or had had too early) when the run began.
IdealShares::Share share_of(const DemoReport& report, const std::string& member);
// "3.1 ms", "1.20 s".
std::string readable_micros(std::optional<int64_t> micros);

}  // namespace tandem::cli
