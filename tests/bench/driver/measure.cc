#include "tests/bench/driver/measure.h"

#include <algorithm>
#include <thread>

#include "tests/bench/driver/statistics.h"
#include "tests/bench/driver/usage.h"
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
  for (const auto& [part, cpu] : load.cpu) {
    figures[phase + "_cpu_us_" + part] = cpu.all * 1e6 / commits;
    if (part != "kafka") figures[phase + "_main_us_" + part] = cpu.main * 1e6 / commits;
  }
  const double all = cpu_of_all(load.cpu);
  figures[phase + "_cpu_us"] = all * 1e6 / commits;
  figures[phase + "_cpu_us_services"] = cpu_of_services(load.cpu) * 1e6 / commits;
  figures[phase + "_cpu_ms_per_lead"] = all * 1e3 / leads;
}

double ratio(double sum, double count) { return count == 0 ? 0 : sum / count; }

// Means of a batch, and for the relay of an event.
void note_work(const std::string& phase, const LoadResult& load, Figures& figures) {
  for (const auto& [service, work] : load.work) {
    figures[phase + "_batch_commands_" + service] = ratio(work.commands, work.batches);
    figures[phase + "_load_ms_" + service] = ratio(work.load_us, work.batches * 1e3);
    figures[phase + "_decide_ms_" + service] = ratio(work.decide_us, work.batches * 1e3);
    figures[phase + "_commit_ms_" + service] = ratio(work.commit_us, work.batches * 1e3);
    figures[phase + "_relay_ms_" + service] = ratio(work.relay_us, work.published * 1e3);
  }
}

// Of each service's process, and of the largest: "memory_idle_mb_sales", "memory_idle_mb".
void note_memory(const std::string& name, const System& system, double (*megabytes)(pid_t), Figures& figures) {
  for (const Part& part : system.services()) {
    const double used = megabytes(part.pid);
    figures[name + "_" + part.name] = used;
    figures[name] = std::max(figures[name], used);
  }
}

}  // namespace

Result<Driven> warm_up(System& system, const MeasureOptions& options) {
  Driven driven;
  TANDEM_RETURN_IF_ERROR(system.prepare());
  TANDEM_ASSIGN_OR_RETURN(driven.watch, Watch::open(system));
  driven.load = std::make_unique<Load>(system, *driven.watch, commits_of_a_lead());
  TANDEM_RETURN_IF_ERROR(driven.load->closed_loop(options.outstanding, options.warm_up));
  return driven;
}

Result<Figures> measure(System& system, const MeasureOptions& options) {
  Figures figures;
  TANDEM_RETURN_IF_ERROR(system.start());
  figures["ready_s"] = system.seconds_to_ready();
  std::this_thread::sleep_for(kIdle);
  note_memory("memory_idle_mb", system, resident_megabytes, figures);
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(system, options));
  TANDEM_ASSIGN_OR_RETURN(const LoadResult open, driven.load->open_loop(options.rate, options.open));
  note_load("open", open, figures);
  note_work("open", open, figures);
  figures["stored_p50_ms"] = percentile(open.stored_ms, 0.5);
  figures["stored_p99_ms"] = percentile(open.stored_ms, 0.99);
  figures["assigned_p50_ms"] = percentile(open.assigned_ms, 0.5);
  figures["assigned_p99_ms"] = percentile(open.assigned_ms, 0.99);
  for (const Part& part : system.services()) forget_peak(part.pid);
  TANDEM_ASSIGN_OR_RETURN(const LoadResult closed, driven.load->closed_loop(options.outstanding, options.closed));
  note_memory("memory_loaded_mb", system, peak_megabytes, figures);
  note_load("closed", closed, figures);
  note_work("closed", closed, figures);
  system.stop();
  return figures;
}

}  // namespace tandem::bench
