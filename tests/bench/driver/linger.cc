#include <iostream>

#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/statistics.h"
#include "tests/bench/driver/usage.h"

namespace tandem::bench {
namespace {

constexpr int kLingers[] = {0, 1'000, 2'000, 5'000, 10'000, 20'000};  // microseconds
constexpr int kQuickLingers[] = {0, 2'000};

Result<LoadResult> open_loop(const BenchOptions& options, int linger) {
  SystemOptions system = system_options(options, "linger");
  system.settings["TANDEM_LINGER_US"] = std::to_string(linger);
  const MeasureOptions durations = measure_options(options);
  const auto product = make_product(system);
  TANDEM_RETURN_IF_ERROR(product->start());
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(*product, durations));
  return driven.load->open_loop(durations.rate, durations.open);
}

}  // namespace

Status linger_curve(const BenchOptions& options, Findings&, std::ostream& out) {
  const std::vector<int> lingers = options.quick ? std::vector<int>(std::begin(kQuickLingers), std::end(kQuickLingers))
                                                 : std::vector<int>(std::begin(kLingers), std::end(kLingers));
  out << "The setting `linger_us` at " << fixed(measure_options(options).rate, 0) << " leads a second.\n\n";
  out << "| linger, µs | stored p50, ms | captured to assigned p50, ms | p99, ms | CPU a lead, ms | of it services |\n"
      << "|---|---|---|---|---|---|\n";
  for (const int linger : lingers) {
    std::cerr << "  " << linger << " µs" << std::endl;
    TANDEM_ASSIGN_OR_RETURN(const LoadResult result, open_loop(options, linger));
    const auto leads = static_cast<double>(result.leads);
    out << "| " << with_commas(linger) << " | " << fixed(percentile(result.stored_ms, 0.5), 2) << " | "
        << fixed(percentile(result.assigned_ms, 0.5), 2) << " | " << fixed(percentile(result.assigned_ms, 0.99), 2)
        << " | " << fixed(cpu_of_all(result.cpu) * 1e3 / leads, 2) << " | "
        << fixed(cpu_of_services(result.cpu) * 1e3 / leads, 2) << " |\n";
  }
  return {};
}

}  // namespace tandem::bench
