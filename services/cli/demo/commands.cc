// demo: a fictional company at work, on the installation that is up.
#include <memory>

#include "services/cli/app.h"
#include "services/cli/demo/demo.h"

namespace tandem::cli {

void add_demo_commands(CLI::App& root, Session& session) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App& command = add_command(root, "demo", "A fictional company at work: leads, deals, commission, and the books",
                                  "tandem up && tandem demo\n"
                                  "tandem demo --leads 50000\n"
                                  "tandem demo --leads 10000 --rate 500",
                                  [&session, options] { return run_demo(session, *options); });
  command.add_option("--leads", options->leads, "How many leads come (5000)")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000}).description(""));
  command.add_option("--rate", options->rate, "So many a second, whatever the answers do (as fast as they are taken)")
      ->type_name("N")
      ->check(CLI::Range(0.1, 1'000'000.0).description(""));
  command.add_option("--in-flight", options->in_flight, "Without --rate: at most so many unanswered (64)")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, size_t{4096}).description(""));
  command
      .add_option("--seed", options->seed, "The same seed, the same people (1, or one for each run after the first)")
      ->type_name("N");
}

}  // namespace tandem::cli
