// tandem-bench: measures the product against the floor (tests/bench/run.sh starts Kafka and calls it).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "shared/base/text.h"
#include "tests/bench/driver/experiments.h"

namespace tandem::bench {
namespace {

Status run_all(const BenchOptions& options, const std::vector<std::string>& only, std::ostream& out) {
  Findings findings;
  for (const Experiment& experiment : experiments()) {
    if (!only.empty() && std::find(only.begin(), only.end(), experiment.name) == only.end()) continue;
    std::cerr << experiment.name << std::endl;
    std::ostringstream section;
    section << "## " << experiment.title << "\n\n";
    TANDEM_RETURN_IF_ERROR(experiment.run(options, findings, section));
    out << section.str() << "\n" << std::flush;
  }
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
  std::vector<std::string> only;
  app.add_option("--only", only, "Experiments, of all: " + join(names(), ", "))->check(CLI::IsMember(names()));
  CLI11_PARSE(app, argc, argv);
  try {
    const Status done = run_all(options, only, std::cout);
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
