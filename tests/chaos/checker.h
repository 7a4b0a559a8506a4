// Compares what the clients were told with the whole log and with what the services have, when all is at rest.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/chaos/history.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {

struct Findings {
  std::map<std::string, std::string> lost;     // request id: what is not there
  std::map<std::string, std::string> doubled;  // request id: what is there more than once, or should not be
  std::vector<std::string> books;              // everything else that does not agree
  std::vector<std::string> broken;             // why something was not compared: the run says nothing of it
  uint64_t events = 0;                         // in the log
  std::string balance;                         // what was compared, in a line

  bool well() const { return lost.empty() && doubled.empty() && books.empty() && broken.empty(); }
};

Findings check(World& world, const std::vector<Act>& acts);

}  // namespace tandem::chaos
