// What the benchmark can measure. Each experiment prints a section of the report, as Markdown.
#pragma once

#include <sys/types.h>

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "tests/bench/driver/measure.h"
#include "tests/bench/driver/system.h"

namespace tandem::bench {

struct BenchOptions {
  std::string kafka;
  pid_t kafka_pid = 0;
  std::string folder = "/tmp/tandem-bench";
  int pairs = 5;
  bool quick = false;
};

SystemOptions system_options(const BenchOptions& options, const std::string& name);
MeasureOptions measure_options(const BenchOptions& options);

// What earlier experiments found, for later ones: "floor_closed_leads_per_s".
using Findings = Figures;

struct Experiment {
  const char* name;
  const char* title;
  Status (*run)(const BenchOptions& options, Findings& findings, std::ostream& out);
};

// In the order in which they are run.
std::vector<Experiment> experiments();

// A broker that has just started compiles its code while it is used, at the cost of whoever comes first: leads that are
// not measured.
Status warm_broker(const BenchOptions& options);
// Floor and product by turns, against the goals.
Status compare_pairs(const BenchOptions& options, Findings& findings, std::ostream& out);
// Latency and CPU of floor and product at rates that leave more or less of the machine.
Status latency_by_rate(const BenchOptions& options, Findings& findings, std::ostream& out);
// From the start of a service until it is ready, on the embedded bus.
Status start_to_ready(const BenchOptions& options, Findings& findings, std::ostream& out);
// What a commit costs Redis with few and with many aggregates.
Status commit_cost(const BenchOptions& options, Findings& findings, std::ostream& out);
// An import by the command line until all leads are assigned.
Status import_leads(const BenchOptions& options, Findings& findings, std::ostream& out);
// One team for all leads against many, with three replicas of each service.
Status hot_aggregate(const BenchOptions& options, Findings& findings, std::ostream& out);
// What the other replicas of a killed one do, and when.
Status takeover(const BenchOptions& options, Findings& findings, std::ostream& out);
// A service's state from its log: how fast, and what writes notice of it.
Status rebuild_services(const BenchOptions& options, Findings& findings, std::ostream& out);
// How many machines so many leads a second take, by the costs that were measured before; and what can be checked of it
// on one machine.
Status scale(const BenchOptions& options, Findings& findings, std::ostream& out);
// Latency against CPU under lingers of different lengths.
Status linger_curve(const BenchOptions& options, Findings& findings, std::ostream& out);

// "met" or "**missed**".
std::string verdict(bool met);
// "12,345".
std::string with_commas(double value);
std::string fixed(double value, int decimals);

}  // namespace tandem::bench
