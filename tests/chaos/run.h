// One world and what it goes through: fault after fault, each got over before the next, then the reckoning.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/chaos/clients.h"
#include "tests/chaos/history.h"
#include "tests/chaos/nemesis.h"
#include "tests/chaos/report.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {

struct RunOptions {
  std::string name;  // before each line that is printed; empty if there is but one world
  uint64_t faults = 30;
  uint64_t seed = 1;
  uint64_t rate = 6;           // leads a second
  uint64_t bound = 60;         // seconds: a fault that is got over later is a complaint
  std::set<std::string> only;  // kinds of faults; empty: all that are possible
  WorldOptions world;
  const std::atomic<bool>* enough = nullptr;  // true: no more faults, and the reckoning
};

struct RunOutcome {
  std::vector<Ordeal> ordeals;
  std::vector<Act> acts;
  Findings findings;
  std::vector<std::string> complaints;  // of what was not got over, or too late
  bool well = false;
};

class Run {
 public:
  explicit Run(RunOptions options);

  RunOutcome run();

 private:
  std::vector<FaultKind> kinds() const;
  void say(const std::string& line) const;
  void complain(const std::string& what);
  // False if it is not got over at all.
  bool one_fault(uint64_t number);
  // Until all processes are well, and a fresh lead has come to a salesperson; what is missing if that does not come.
  std::string await_well(const std::string& name, std::chrono::steady_clock::time_point since);
  std::string probe(const std::string& email);

  const RunOptions options_;
  World world_;
  Nemesis nemesis_;
  SeededChance chance_;
  History history_;
  Clients clients_;
  std::vector<Ordeal> ordeals_;
  std::map<std::string, std::string> answered_otherwise_;
  std::vector<std::string> complaints_;
  int probes_ = 0;
};

}  // namespace tandem::chaos
