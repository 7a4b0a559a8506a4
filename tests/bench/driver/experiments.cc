#include "tests/bench/driver/experiments.h"

#include <cstdio>
#include <iostream>

#include "services/cli/processes.h"
#include "shared/base/text.h"
#include "tests/bench/driver/report.h"
#include "tests/bench/driver/statistics.h"

namespace tandem::bench {

namespace {

constexpr std::chrono::seconds kBrokerWarmUp{30};

void note_medians(const std::string& prefix, const std::vector<Pair>& pairs, Figures Pair::* figures,
                  Findings& findings) {
  std::map<std::string, std::vector<double>> values;
  for (const Pair& pair : pairs) {
    for (const auto& [name, value] : pair.*figures) values[name].push_back(value);
  }
  for (const auto& [name, all] : values) findings[prefix + name] = median(all);
}

}  // namespace

std::vector<Experiment> experiments() {
  return {{"pairs", "Product and floor", compare_pairs},
          {"rates", "Latency by rate", latency_by_rate},
          {"start", "From start to ready", start_to_ready},
          {"import", "Import by the command line", import_leads},
          {"commit-cost", "A commit, with few and with many aggregates", commit_cost},
          {"hot", "One team for all leads", hot_aggregate},
          {"takeover", "When a replica is killed", takeover},
          {"linger", "Waiting a little", linger_curve},
          {"rebuild", "A service from its log", rebuild_services},
          {"scale", "How far it goes", scale}};
}

SystemOptions system_options(const BenchOptions& options, const std::string& name) {
  SystemOptions system;
  system.folder = std::filesystem::path(options.folder) / name;
  system.programs = cli::own_folder();
  system.kafka = options.kafka;
  system.kafka_pid = options.kafka_pid;
  return system;
}

MeasureOptions measure_options(const BenchOptions& options) {
  MeasureOptions measure;
  if (!options.quick) return measure;
  measure.warm_up = std::chrono::seconds(1);
  measure.open = std::chrono::seconds(4);
  measure.closed = std::chrono::seconds(4);
  return measure;
}

Status warm_broker(const BenchOptions& options) {
  MeasureOptions measure = measure_options(options);
  if (!options.quick) measure.warm_up = kBrokerWarmUp;
  const auto floor = make_floor(system_options(options, "warm"));
  TANDEM_RETURN_IF_ERROR(floor->start());
  TANDEM_RETURN_IF_ERROR(warm_up(*floor, measure));
  return {};
}

Status compare_pairs(const BenchOptions& options, Findings& findings, std::ostream& out) {
  const int count = options.quick ? 1 : options.pairs;
  std::vector<Pair> pairs;
  for (int i = 0; i < count; ++i) {
    std::cerr << "  pair " << i + 1 << " of " << count << std::endl;
    Pair pair;
    const auto floor = make_floor(system_options(options, "floor"));
    TANDEM_ASSIGN_OR_RETURN(pair.floor, measure(*floor, measure_options(options)));
    const auto product = make_product(system_options(options, "product"));
    TANDEM_ASSIGN_OR_RETURN(pair.product, measure(*product, measure_options(options)));
    pairs.push_back(std::move(pair));
  }
  print_goals(out, pairs);
  out << "\n";
  print_parts(out, pairs);
  note_medians("floor_", pairs, &Pair::floor, findings);
  note_medians("product_", pairs, &Pair::product, findings);
  return {};
}

std::string verdict(bool met) { return met ? "met" : "**missed**"; }

std::string fixed(double value, int decimals) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::string with_commas(double value) {
  std::string digits = fixed(value, 0);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace tandem::bench
