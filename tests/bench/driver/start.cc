// How long a service takes from its start until it is ready: on an embedded broker and a Redis that are there, its
// shards reconciled and its relay's producer warm.
#include <algorithm>
#include <iostream>

#include "shared/base/services.h"
#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/statistics.h"

namespace tandem::bench {
namespace {

constexpr int kStarts = 20;
constexpr int kQuickStarts = 2;
constexpr double kGoal = 1.5;  // seconds

void print_row(const std::string& name, const std::vector<double>& seconds, std::ostream& out) {
  const Summary summary = summarize(seconds);
  out << "| " << name << " | " << seconds.size() << " | " << fixed(summary.median, 3) << " | " << fixed(summary.high, 3)
      << " |\n";
}

}  // namespace

Status start_to_ready(const BenchOptions& options, Findings& findings, std::ostream& out) {
  SystemOptions system = system_options(options, "start");
  system.embedded = true;
  const int starts = options.quick ? kQuickStarts : kStarts;
  std::map<std::string, std::vector<double>> alone;
  std::vector<double> together;
  const auto product = make_product(system);
  for (int i = 0; i < starts; ++i) {
    product->stop();
    TANDEM_RETURN_IF_ERROR(product->start());
    together.push_back(product->seconds_to_ready());
    for (const std::string& service : kServices) {
      TANDEM_ASSIGN_OR_RETURN(const double seconds, product->restart(service));
      alone[service].push_back(seconds);
    }
  }
  out << "From the start of the process until it is ready, on an embedded broker and a Redis that are up; a service "
         "alone "
         "beside the three others, and all four at once on an empty installation. Seconds.\n\n";
  out << "| what | starts | median | largest |\n|---|---|---|---|\n";
  double largest = 0;
  for (const std::string& service : kServices) {
    print_row(service, alone[service], out);
    findings["start_s_" + service] = median(alone[service]);
    largest = std::max(largest, summarize(alone[service]).high);
  }
  print_row("all four, the last of them", together, out);
  findings["start_s_all"] = median(together);
  findings["start_s_largest"] = largest;
  out << "\nGoal: every start of a service below " << fixed(kGoal, 1) << " s: " << fixed(largest, 3) << " s, "
      << verdict(largest < kGoal) << ".\n";
  return {};
}

}  // namespace tandem::bench
