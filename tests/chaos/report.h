// What a run of chaos prints at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/chaos/history.h"

namespace tandem::chaos {

// One fault, and how it was got over.
struct Ordeal {
  std::string kind;
  std::string what;
  std::chrono::milliseconds outage{};    // the longest time without an acknowledgement, until it was got over
  std::chrono::milliseconds recovery{};  // from its end until all was well and a lead went through
};

// A line for each kind, and their sum.
void print_table(std::ostream& out, const std::vector<Ordeal>& ordeals, const std::vector<Act>& acts,
                 const Findings& findings);
// What was found wrong, at most so many of each.
void print_findings(std::ostream& out, const Findings& findings, size_t most = 10);
// "12.3 s".
std::string in_seconds(std::chrono::milliseconds time);

}  // namespace tandem::chaos
