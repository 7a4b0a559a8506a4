// tandem-bench: measures the product against the floor (tests/bench/run.sh starts Kafka and calls it).
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "services/cli/processes.h"
#include "tests/bench/driver/measure.h"
#include "tests/bench/driver/report.h"

namespace tandem::bench {
namespace {

struct Arguments {
  std::string kafka;
  pid_t kafka_pid = 0;
  std::string folder = "/tmp/tandem-bench";
  int pairs = 5;
  bool quick = false;
};

SystemOptions system_options(const Arguments& arguments, const std::string& name) {
  SystemOptions options;
  options.folder = std::filesystem::path(arguments.folder) / name;
  options.programs = cli::own_folder();
  options.kafka = arguments.kafka;
  options.kafka_pid = arguments.kafka_pid;
  return options;
}

MeasureOptions measure_options(const Arguments& arguments) {
  MeasureOptions options;
  if (!arguments.quick) return options;
  options.warm_up = std::chrono::seconds(1);
  options.open = std::chrono::seconds(4);
  options.closed = std::chrono::seconds(4);
  return options;
}

Status compare(const Arguments& arguments) {
  const int count = arguments.quick ? 1 : arguments.pairs;
  std::vector<Pair> pairs;
  for (int i = 0; i < count; ++i) {
    std::cerr << "pair " << i + 1 << " of " << count << std::endl;
    Pair pair;
    const auto floor = make_floor(system_options(arguments, "floor"));
    TANDEM_ASSIGN_OR_RETURN(pair.floor, measure(*floor, measure_options(arguments)));
    const auto product = make_product(system_options(arguments, "product"));
    TANDEM_ASSIGN_OR_RETURN(pair.product, measure(*product, measure_options(arguments)));
    pairs.push_back(std::move(pair));
  }
  print_goals(std::cout, pairs);
  std::cout << "\n";
  print_parts(std::cout, pairs);
  return {};
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Measures Tandem against the floor of its parts");
  app.add_option("--kafka", arguments.kafka, "The broker, host:port")->required();
  app.add_option("--kafka-pid", arguments.kafka_pid, "Its process, to count what it uses")->required();
  app.add_option("--folder", arguments.folder, "For logs");
  app.add_option("--pairs", arguments.pairs, "Floor and product by turns, so often (5)")->check(CLI::Range(1, 100));
  app.add_flag("--quick", arguments.quick, "One short pair, to see that it works; its figures mean little");
  CLI11_PARSE(app, argc, argv);
  try {
    const Status done = compare(arguments);
    if (done.ok()) return 0;
    std::cerr << "bench: " << to_line(done.error()) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
  }
  return 1;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(argc, argv); }
