// tandem-bench: measures the product against the floor (tests/bench/run.sh starts Kafka and calls it).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "shared/base/text.h"
#include "tests/bench/driver/documents.h"
#include "tests/bench/driver/experiments.h"

namespace tandem::bench {
namespace {

constexpr char kPerformance[] =
    "# Performance\n\nPrinted by `make bench ARGS=--report` (tests/bench): what was measured, on what, against which "
    "goals. Ratios are\nsteadier than figures. What the floor is: "
    "[decisions/0037](decisions/0037-what-the-floor-is.md). "
    "What was tried for a goal that\nis missed, and what the bound is:\n"
    "[decisions/0040](decisions/0040-what-was-tried-for-the-goals.md).\n\n";
constexpr char kScale[] =
    "# Scale\n\nPrinted by `make bench ARGS=\"--report --only scale\"` from the costs in "
    "[performance.md](performance.md).\n\n";

// Where the documents are, from the folder of the repository.
constexpr char kFigures[] = "tests/bench/figures.json";

Status put_into_documents(const BenchOptions& options, const Experiment& experiment, const std::string& section,
                          const Findings& findings) {
  const bool of_scale = std::string(experiment.name) == "scale";
  const std::string heading = (of_scale ? kScale : kPerformance) + machine_and_versions(options);
  TANDEM_RETURN_IF_ERROR(put_section(of_scale ? "docs/scale.md" : "docs/performance.md", heading, section));
  return write_findings(kFigures, findings);
}

std::string seconds_since(std::chrono::steady_clock::time_point begin) {
  return fixed(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 0);
}

Status run_all(const BenchOptions& options, const std::vector<std::string>& only, bool report) {
  const auto start = std::chrono::steady_clock::now();
  Findings findings = read_findings(kFigures);
  TANDEM_RETURN_IF_ERROR(warm_broker(options));
  for (const Experiment& experiment : experiments()) {
    if (!only.empty() && std::find(only.begin(), only.end(), experiment.name) == only.end()) continue;
    std::cerr << experiment.name << std::endl;
    const auto begin = std::chrono::steady_clock::now();
    std::ostringstream section;
    section << "## " << experiment.title << "\n\n";
    TANDEM_RETURN_IF_ERROR(experiment.run(options, findings, section));
    std::cout << section.str() << std::endl;
    std::cerr << experiment.name << ": " << seconds_since(begin) << " s" << std::endl;
    if (report) TANDEM_RETURN_IF_ERROR(put_into_documents(options, experiment, section.str(), findings));
  }
  std::cerr << "all: " << seconds_since(start) << " s" << std::endl;
  return {};
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Experiment& experiment : experiments()) all.push_back(experiment.name);
  return all;
}

int run(int argc, char** argv) {
  BenchOptions options;
  CLI::App app("Measures Tandem against the floor of its parts");
  app.add_option("--kafka", options.kafka, "The broker, host:port")->required();
  app.add_option("--kafka-pid", options.kafka_pid, "Its process, to count what it uses")->required();
  app.add_option("--folder", options.folder, "For logs");
  app.add_option("--pairs", options.pairs, "Floor and product by turns, so often (5)")->check(CLI::Range(1, 100));
  app.add_flag("--quick", options.quick, "One short pair and little of the rest, to see that it works");
  bool report = false;
  app.add_flag("--report", report, "Print into docs/performance.md and docs/scale.md as well")->excludes("--quick");
  std::vector<std::string> only;
  app.add_option("--only", only, "Experiments, of all: " + join(names(), ", "))->check(CLI::IsMember(names()));
  CLI11_PARSE(app, argc, argv);
  try {
    const Status done = run_all(options, only, report);
    if (done.ok()) return 0;
    // Not in one line: it may have the end of a log in it.
    std::cerr << "bench: " << code_name(done.code()) << ": " << done.error().message << "\n";
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
  }
  return 1;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(argc, argv); }
