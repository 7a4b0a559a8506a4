#include "tests/bench/driver/experiments.h"

namespace tandem::bench {
namespace {

constexpr uint32_t kReplicas = 3;
constexpr uint32_t kManyTeams = 64;

Result<double> leads_per_second(const BenchOptions& options, uint32_t teams) {
  SystemOptions system = system_options(options, "hot");
  system.teams = teams;
  system.replicas = kReplicas;
  const MeasureOptions durations = measure_options(options);
  const auto product = make_product(system);
  TANDEM_RETURN_IF_ERROR(product->start());
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(*product, durations));
  TANDEM_ASSIGN_OR_RETURN(const LoadResult result, driven.load->closed_loop(durations.outstanding, durations.closed));
  return static_cast<double>(result.leads) / result.seconds;
}

}  // namespace

Status hot_aggregate(const BenchOptions& options, Findings& findings, std::ostream& out) {
  TANDEM_ASSIGN_OR_RETURN(const double spread, leads_per_second(options, kManyTeams));
  TANDEM_ASSIGN_OR_RETURN(const double hot, leads_per_second(options, 1));
  out << "Closed loop, " << kReplicas << " replicas of each service.\n\n";
  out << "| teams | leads a second |\n|---|---|\n";
  out << "| " << kManyTeams << " | " << with_commas(spread) << " |\n| 1 | " << with_commas(hot) << " |\n";
  out << "\nGoal: at least 0.5 of the spread case: " << fixed(hot / spread, 2) << ", " << verdict(hot / spread >= 0.5)
      << ".\n";
  findings["hot_leads_per_s"] = hot;
  findings["spread_leads_per_s"] = spread;
  return {};
}

}  // namespace tandem::bench
