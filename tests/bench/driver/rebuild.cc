// Each service's state from its log, compared with the live data by `tandem rebuild`; then index entries are taken away
// from some aggregates, and put back while leads come in.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "services/cli/child_output.h"
#include "shared/base/services.h"
#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/measure.h"
#include "tests/bench/driver/statistics.h"
#include "tests/bench/floor/redis.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

using nlohmann::json;

constexpr double kGoal = 100'000;     // events folded a second and core
constexpr double kLongestGoal = 100;  // milliseconds that a write may wait for a rebuild
constexpr double kLightLoad = 100;    // leads a second
constexpr char kDamagedIndex[] = "{marketing:0}:i:lead";
constexpr int kDamaged = 100;

double figure(const json& report, const char* name) { return report.value(name, 0.0); }

Result<json> rebuild(const System& product, const std::string& service, bool verify) {
  std::vector<std::string> arguments = {"rebuild",  service, "--folder", product.options().folder.string(),
                                        "--output", "json"};
  if (verify) arguments.push_back("--verify");
  std::string said;
  TANDEM_ASSIGN_OR_RETURN(const cli::ChildEnd end,
                          cli::run_child(product.options().programs / "tandem", arguments, {},
                                         [&](const std::string& line) { said += line + "\n"; }));
  json report = json::parse(said, nullptr, /*allow_exceptions=*/false);
  if (report.is_object()) return report;
  return make_error(Code::kAborted, "tandem rebuild " + service + " has failed: " + end.errors);
}

// As without a difference, which here would be a bug.
Result<json> verify(const System& product, const std::string& service) {
  TANDEM_ASSIGN_OR_RETURN(json report, rebuild(product, service, true));
  if (figure(report, "different") == 0) return report;
  return make_error(Code::kDataLoss, service + " is not what its log says: " + report["differences"].dump());
}

// A row for each service that has events of the leads; the least rate of folding.
Result<double> verify_all(const System& product, std::ostream& out) {
  out << "| service | events | aggregates | request ids | s | CPU, s | of it folding | events folded a second and core "
         "| "
         "all, events a second and core |\n|---|---|---|---|---|---|---|---|---|\n";
  double least = 0;
  for (const std::string& service : kServices) {
    std::cerr << "  " << service << std::endl;
    TANDEM_ASSIGN_OR_RETURN(const json report, verify(product, service));
    const double events = figure(report, "events");
    const double folded = events / figure(report, "fold_cpu_seconds");
    out << "| " << service << " | " << with_commas(events) << " | " << with_commas(figure(report, "aggregates"))
        << " | " << with_commas(figure(report, "requests")) << " | " << fixed(figure(report, "seconds"), 2) << " | "
        << fixed(figure(report, "cpu_seconds"), 2) << " | " << fixed(figure(report, "fold_cpu_seconds"), 2) << " | "
        << with_commas(folded) << " | " << with_commas(events / figure(report, "cpu_seconds")) << " |\n";
    const bool takes_part = std::ranges::any_of(steps(), [&](const Step& step) { return step.service == service; });
    if (takes_part) least = least == 0 ? folded : std::min(least, folded);
  }
  return least;
}

// The longest that a write waited for its answer, in milliseconds, while `work` was done.
template <class Work>
Result<double> longest_wait(Load& load, std::chrono::seconds duration, Work work) {
  std::thread other(work);
  auto result = load.open_loop(kLightLoad, duration);
  other.join();
  if (!result.ok()) return result.error();
  return percentile(result->stored_ms, 1);
}

Status mend(const System& product, Load& load, std::chrono::seconds duration, Findings& findings, std::ostream& out) {
  TANDEM_ASSIGN_OR_RETURN(const double usual, longest_wait(load, duration, [] {}));
  const auto taken = Redis(product.redis_port()).call({"ZPOPMIN", kDamagedIndex, std::to_string(kDamaged)});
  const auto damaged = static_cast<double>(taken->elements / 2);  // a short filling may have fewer
  Result<json> report = json();
  TANDEM_ASSIGN_OR_RETURN(const double longest,
                          longest_wait(load, duration, [&] { report = rebuild(product, "marketing", false); }));
  if (!report.ok()) return report.error();
  if (damaged == 0 || figure(*report, "mended") != damaged) {
    return make_error(Code::kDataLoss,
                      "damaged were " + fixed(damaged, 0) + ", mended " + fixed(figure(*report, "mended"), 0));
  }
  TANDEM_RETURN_IF_ERROR(verify(product, "marketing"));
  out << "\nOf one shard of marketing " << fixed(damaged, 0)
      << " aggregates lost an index entry and got it back within " << fixed(figure(*report, "seconds"), 2)
      << " s, in which all shards were compared, at " << fixed(kLightLoad, 0)
      << " leads a second. The longest that a lead waited for its answer: " << fixed(longest, 1) << " ms, and "
      << fixed(usual, 1) << " ms without a rebuild.\nGoal: no write waits for longer than " << fixed(kLongestGoal, 0)
      << " ms: " << verdict(longest <= kLongestGoal) << ".\n";
  findings["rebuild_longest_wait_ms"] = longest;
  return {};
}

}  // namespace

Status rebuild_services(const BenchOptions& options, Findings& findings, std::ostream& out) {
  MeasureOptions measure = measure_options(options);
  measure.warm_up = options.quick ? std::chrono::seconds(2) : std::chrono::seconds(60);  // which fills it
  const auto product = make_product(system_options(options, "rebuild"));
  TANDEM_RETURN_IF_ERROR(product->start());
  TANDEM_RETURN_IF_ERROR(product->write_endpoints());
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(*product, measure));
  out << "`tandem rebuild SERVICE --verify`: the log is folded and compared with Redis, while the service runs. CPU is "
         "the program's; folding is from Kafka's bytes to the states.\n\n";
  TANDEM_ASSIGN_OR_RETURN(const double folded, verify_all(*product, out));
  out << "\nGoal: at least " << with_commas(kGoal) << " events folded a second and core: " << with_commas(folded)
      << ", " << verdict(folded >= kGoal) << ".\n";
  findings["rebuild_events_per_core_s"] = folded;
  TANDEM_ASSIGN_OR_RETURN(const json once, verify(*product, "marketing"));
  const auto duration = std::chrono::seconds(2 + static_cast<int64_t>(std::ceil(1.5 * figure(once, "seconds"))));
  return mend(*product, *driven.load, duration, findings, out);
}

}  // namespace tandem::bench
