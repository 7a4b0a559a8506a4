#include "tests/bench/driver/report.h"

#include <cstdio>
#include <functional>
#include <optional>
#include <set>

#include "tests/bench/driver/statistics.h"

namespace tandem::bench {
namespace {

struct Goal {
  const char* name;
  const char* figure;
  const char* unit;
  int decimals;
  // Ratio product to floor, or the product's own figure.
  bool ratio;
  bool at_least;
  double bound;
};

constexpr Goal kGoals[] = {
    {"captured to assigned, 500 leads/s, p50", "assigned_p50_ms", "ms", 2, true, false, 1.3},
    {"captured to assigned, 500 leads/s, p99", "assigned_p99_ms", "ms", 2, true, false, 1.5},
    {"commits a second, closed loop", "closed_commits_per_s", "", 0, true, true, 0.7},
    {"CPU a commit, saturated", "closed_cpu_us", "µs", 0, true, false, 1.4},
    {"CPU a commit, 500 leads/s", "open_cpu_us", "µs", 0, true, false, 1.4},
    {"CPU a lead, 500 leads/s", "open_cpu_ms_per_lead", "ms", 2, false, false, 0.6},
    {"memory of a service, idle", "memory_idle_mb", "MB", 0, false, false, 40},
    {"memory of a service, under load", "memory_loaded_mb", "MB", 0, false, false, 200},
    {"start to ready", "ready_s", "s", 2, false, false, 1.5},
};

std::string text(double value, int decimals) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::string spread(const Summary& summary, int decimals) {
  return text(summary.median, decimals) + " (" + text(summary.low, decimals) + "–" + text(summary.high, decimals) + ")";
}

std::vector<double> of_pairs(const std::vector<Pair>& pairs, const std::function<double(const Pair&)>& figure) {
  std::vector<double> values;
  for (const Pair& pair : pairs) values.push_back(figure(pair));
  return values;
}

double value(const Figures& figures, const std::string& name) {
  const auto at = figures.find(name);
  return at == figures.end() ? 0 : at->second;
}

std::string figure_row(const std::vector<Pair>& pairs, const std::string& figure, int decimals) {
  const auto floor = of_pairs(pairs, [&](const Pair& pair) { return value(pair.floor, figure); });
  const auto product = of_pairs(pairs, [&](const Pair& pair) { return value(pair.product, figure); });
  const auto ratio = of_pairs(pairs, [&](const Pair& pair) {
    const double below = value(pair.floor, figure);
    return below == 0 ? 0 : value(pair.product, figure) / below;
  });
  const Summary of_ratio = summarize(ratio);
  return spread(summarize(floor), decimals) + " | " + spread(summarize(product), decimals) + " | " +
         (of_ratio.high == 0 ? "" : spread(of_ratio, 2));
}

bool met(const std::vector<Pair>& pairs, const Goal& goal) {
  const double measured = median(of_pairs(pairs, [&](const Pair& pair) {
    const double product = value(pair.product, goal.figure);
    return goal.ratio ? product / value(pair.floor, goal.figure) : product;
  }));
  return goal.at_least ? measured >= goal.bound : measured <= goal.bound;
}

}  // namespace

void print_goals(std::ostream& out, const std::vector<Pair>& pairs) {
  out << "Medians of " << pairs.size() << (pairs.size() == 1 ? " pair" : " pairs")
      << ", smallest and largest in brackets.\n\n";
  out << "| what | floor | product | product : floor | goal | |\n|---|---|---|---|---|---|\n";
  for (const Goal& goal : kGoals) {
    out << "| " << goal.name << (*goal.unit ? std::string(", ") + goal.unit : "") << " | "
        << figure_row(pairs, goal.figure, goal.decimals) << " | " << (goal.ratio ? "ratio " : "")
        << (goal.at_least ? "≥ " : "≤ ") << text(goal.bound, goal.bound < 10 ? 1 : 0) << " | "
        << (met(pairs, goal) ? "met" : "**missed**") << " |\n";
  }
}

void print_parts(std::ostream& out, const std::vector<Pair>& pairs) {
  std::set<std::string> names;
  for (const Pair& pair : pairs) {
    for (const auto& [name, figure] : pair.floor) names.insert(name);
    for (const auto& [name, figure] : pair.product) names.insert(name);
  }
  out << "| figure | floor | product | product : floor |\n|---|---|---|---|\n";
  for (const std::string& name : names) {
    out << "| " << name << " | " << figure_row(pairs, name, name.find("per_s") != std::string::npos ? 0 : 2) << " |\n";
  }
}

}  // namespace tandem::bench
