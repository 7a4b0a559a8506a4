#include <iostream>
#include <thread>

#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/statistics.h"
#include "tests/bench/driver/usage.h"

namespace tandem::bench {
namespace {

const std::vector<double> kRates = {50, 100, 200, 300, 400, 500};  // leads a second
const std::vector<double> kQuickRates = {100};

struct AtRate {
  double p50 = 0;  // from captured to assigned, ms
  double p99 = 0;
  double cpu_ms = 0;  // of a lead, all processes
  double busy = 0;    // of all processors, the driver not counted
};

Result<std::vector<AtRate>> at_rates(System& system, const BenchOptions& options, const std::vector<double>& rates) {
  const MeasureOptions durations = measure_options(options);
  TANDEM_RETURN_IF_ERROR(system.start());
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(system, durations));
  std::vector<AtRate> all;
  for (const double rate : rates) {
    std::cerr << "  " << rate << " leads a second" << std::endl;
    TANDEM_ASSIGN_OR_RETURN(const LoadResult load, driven.load->open_loop(rate, durations.open));
    const double cpu = cpu_of_all(load.cpu);
    all.push_back({percentile(load.assigned_ms, 0.5), percentile(load.assigned_ms, 0.99),
                   cpu * 1e3 / static_cast<double>(load.leads),
                   cpu / load.seconds / std::max(1U, std::thread::hardware_concurrency())});
  }
  return all;
}

}  // namespace

Status latency_by_rate(const BenchOptions& options, Findings&, std::ostream& out) {
  const std::vector<double>& rates = options.quick ? kQuickRates : kRates;
  const auto floor = make_floor(system_options(options, "floor"));
  TANDEM_ASSIGN_OR_RETURN(const std::vector<AtRate> bare, at_rates(*floor, options, rates));
  floor->stop();
  const auto product = make_product(system_options(options, "product"));
  TANDEM_ASSIGN_OR_RETURN(const std::vector<AtRate> whole, at_rates(*product, options, rates));
  out << "Captured to assigned, open loop, in ms; the CPU of a lead is that of all processes but the driver, busy "
         "is what it comes to of the machine's processors.\n\n"
      << "| leads a second | floor p50 | p99 | CPU a lead, ms | busy | product p50 | p99 | CPU a lead, ms | busy | "
         "p50, ratio | p99, ratio |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
  const auto columns = [](const AtRate& one) {
    return fixed(one.p50, 1) + " | " + fixed(one.p99, 1) + " | " + fixed(one.cpu_ms, 2) + " | " +
           fixed(one.busy * 100, 0) + " % | ";
  };
  for (size_t i = 0; i < rates.size(); ++i) {
    out << "| " << with_commas(rates[i]) << " | " << columns(bare[i]) << columns(whole[i])
        << fixed(whole[i].p50 / bare[i].p50, 2) << " | " << fixed(whole[i].p99 / bare[i].p99, 2) << " |\n";
  }
  return {};
}

}  // namespace tandem::bench
