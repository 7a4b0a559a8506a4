#include "tests/bench/driver/measure.h"

#include <algorithm>
#include <thread>

#include "tests/bench/driver/load.h"
#include "tests/bench/driver/statistics.h"
#include "tests/bench/driver/watch.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

constexpr std::chrono::seconds kIdle{1};

void note_load(const std::string& phase, const LoadResult& load, Figures& figures) {
  const auto commits = static_cast<double>(load.commits);
  const auto leads = static_cast<double>(load.leads);
  figures[phase + "_leads_per_s"] = leads / load.seconds;
  figures[phase + "_commits_per_s"] = commits / load.seconds;
  figures[phase + "_commits_per_lead"] = commits / leads;
  double all = 0;
  double services = 0;
  for (const auto& [part, seconds] : load.cpu) {
    figures[phase + "_cpu_us_" + part] = seconds * 1e6 / commits;
    all += seconds;
    if (part != "redis" && part != "kafka") services += seconds;
  }
  figures[phase + "_cpu_us"] = all * 1e6 / commits;
  figures[phase + "_cpu_us_services"] = services * 1e6 / commits;
  figures[phase + "_cpu_ms_per_lead"] = all * 1e3 / leads;
}

// The largest of the services' processes.
double largest_service(const System& system) {
  double largest = 0;
  for (const Part& part : system.services()) largest = std::max(largest, resident_megabytes(part.pid));
  return largest;
}

}  // namespace

Result<Figures> measure(System& system, const MeasureOptions& options) {
  Figures figures;
  TANDEM_RETURN_IF_ERROR(system.start());
  figures["ready_s"] = system.seconds_to_ready();
  std::this_thread::sleep_for(kIdle);
  figures["memory_idle_mb"] = largest_service(system);
  TANDEM_RETURN_IF_ERROR(system.prepare());
  TANDEM_ASSIGN_OR_RETURN(const auto watch, Watch::open(system));
  Load load(system, *watch, commits_of_a_lead());
  TANDEM_RETURN_IF_ERROR(load.closed_loop(options.outstanding, options.warm_up));
  TANDEM_ASSIGN_OR_RETURN(const LoadResult open, load.open_loop(options.rate, options.open));
  note_load("open", open, figures);
  figures["stored_p50_ms"] = percentile(open.stored_ms, 0.5);
  figures["stored_p99_ms"] = percentile(open.stored_ms, 0.99);
  figures["assigned_p50_ms"] = percentile(open.assigned_ms, 0.5);
  figures["assigned_p99_ms"] = percentile(open.assigned_ms, 0.99);
  TANDEM_ASSIGN_OR_RETURN(const LoadResult closed, load.closed_loop(options.outstanding, options.closed));
  note_load("closed", closed, figures);
  figures["memory_loaded_mb"] = largest_service(system);
  system.stop();
  return figures;
}

}  // namespace tandem::bench
