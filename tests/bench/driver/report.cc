#include "tests/bench/driver/report.h"

#include <algorithm>
#include <functional>
#include <set>

#include "shared/base/services.h"
#include "tests/bench/driver/experiments.h"
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
};

std::string spread(const Summary& summary, int decimals) {
  return fixed(summary.median, decimals) + " (" + fixed(summary.low, decimals) + "–" + fixed(summary.high, decimals) +
         ")";
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
  // Without a ratio the floor has nothing of the kind.
  return (of_ratio.high == 0 ? "" : spread(summarize(floor), decimals)) + " | " + spread(summarize(product), decimals) +
         " | " + (of_ratio.high == 0 ? "" : spread(of_ratio, 2));
}

bool met(const std::vector<Pair>& pairs, const Goal& goal) {
  const double measured = median(of_pairs(pairs, [&](const Pair& pair) {
    const double product = value(pair.product, goal.figure);
    return goal.ratio ? product / value(pair.floor, goal.figure) : product;
  }));
  return goal.at_least ? measured >= goal.bound : measured <= goal.bound;
}

void print_cpu(std::ostream& out, const std::vector<Pair>& pairs, const std::string& phase, const char* name) {
  out << "| " << name << " | floor | product | product : floor | share of the product's |\n|---|---|---|---|---|\n";
  const auto median_of = [&](const std::string& figure) {
    return median(of_pairs(pairs, [&](const Pair& pair) { return value(pair.product, figure); }));
  };
  const double all = median_of(phase + "_cpu_us");
  const auto row = [&](const std::string& title, const std::string& figure) {
    out << "| " << title << " | " << figure_row(pairs, figure, 1) << " | " << fixed(median_of(figure) * 100 / all, 0)
        << " % |\n";
  };
  std::vector<std::string> parts = kServices;
  parts.push_back("redis");
  for (const std::string& part : parts) {
    row(part, phase + "_cpu_us_" + part);
    row(part + ", main", phase + "_main_us_" + part);
  }
  row("kafka", phase + "_cpu_us_kafka");
  row("all", phase + "_cpu_us");
  out << "\n";
}

void print_steps(std::ostream& out, const std::vector<Pair>& pairs, const std::string& phase, const char* name) {
  out << "| " << name
      << " | commands a batch | load, ms | decide, ms | commit, ms | relay, ms |\n|---|---|---|---|---|---|\n";
  for (const std::string& service : kServices) {
    out << "| " << service;
    for (const char* figure : {"_batch_commands_", "_load_ms_", "_decide_ms_", "_commit_ms_", "_relay_ms_"}) {
      const std::string whole = phase + figure + service;
      out << " | "
          << spread(summarize(of_pairs(pairs, [&](const Pair& pair) { return value(pair.product, whole); })), 2);
    }
    out << " |\n";
  }
  out << "\n";
}

// Has a table of its own.
bool is_shown(const std::string& name) {
  constexpr const char* kShown[] = {"_cpu_us",    "_main_us",   "_batch_commands", "_load_ms",
                                    "_decide_ms", "_commit_ms", "_relay_ms"};
  return std::ranges::any_of(kShown, [&](const char* part) { return name.find(part) != std::string::npos; });
}

void print_others(std::ostream& out, const std::vector<Pair>& pairs) {
  std::set<std::string> names;
  for (const Pair& pair : pairs) {
    for (const auto& [name, figure] : pair.product) names.insert(name);
  }
  out << "### Other figures\n\n| figure | floor | product | product : floor |\n|---|---|---|---|\n";
  for (const std::string& name : names) {
    if (is_shown(name)) continue;
    out << "| " << name << " | " << figure_row(pairs, name, name.find("per_s") != std::string::npos ? 0 : 2) << " |\n";
  }
}

}  // namespace

void print_goals(std::ostream& out, const std::vector<Pair>& pairs) {
  out << "Medians of " << pairs.size() << (pairs.size() == 1 ? " pair" : " pairs")
      << ", smallest and largest in brackets.\n\n";
  out << "| what | floor | product | product : floor | goal | |\n|---|---|---|---|---|---|\n";
  for (const Goal& goal : kGoals) {
    out << "| " << goal.name << (*goal.unit ? std::string(", ") + goal.unit : "") << " | "
        << figure_row(pairs, goal.figure, goal.decimals) << " | " << (goal.ratio ? "ratio " : "")
        << (goal.at_least ? "≥ " : "≤ ") << fixed(goal.bound, goal.bound < 10 ? 1 : 0) << " | "
        << verdict(met(pairs, goal)) << " |\n";
  }
}

void print_parts(std::ostream& out, const std::vector<Pair>& pairs) {
  out << "### Where the CPU goes\n\nOf a commit, in µs; main: the thread that is a service's loop, or that carries out "
         "Redis' commands.\n\n";
  print_cpu(out, pairs, "closed", "saturated");
  print_cpu(out, pairs, "open", "500 leads/s");
  out << "### Where the time goes\n\nOf the product, as its services say: means of a batch, and for the relay of an "
         "event, from its recording until Kafka has it and the outbox is trimmed.\n\n";
  print_steps(out, pairs, "open", "500 leads/s");
  print_steps(out, pairs, "closed", "saturated");
  print_others(out, pairs);
}

}  // namespace tandem::bench
