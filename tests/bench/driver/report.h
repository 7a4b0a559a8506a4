// Tables of what was measured.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tests/bench/driver/measure.h"

namespace tandem::bench {

// One floor and one product, measured one after the other.
struct Pair {
  Figures floor;
  Figures product;
};

// Against the goals: medians of all pairs, spread, ratios. As Markdown.
void print_goals(std::ostream& out, const std::vector<Pair>& pairs);
// CPU by part, time by step, and the other figures.
void print_parts(std::ostream& out, const std::vector<Pair>& pairs);

}  // namespace tandem::bench
