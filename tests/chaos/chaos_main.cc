// chaos: a Tandem of real processes is tormented while its clients work, and must not lose or double anything. Options
// are in kUsage; exit status 0 = all is well, 1 = something was lost, doubled or not got over in time, or the run broke
// off, 2 = wrong usage.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/text.h"
#include "tests/chaos/run.h"

namespace tandem::chaos {
namespace {

constexpr char kUsage[] =
    "usage: chaos [--faults N] [--seed N] [--replicas N] [--worlds N] [--rate LEADS-A-SECOND] [--bound SECONDS]\n"
    "             [--only KIND,...]    kinds: chaos --list\n"
    "Worlds, each with its own services, Redis and Kafka, share the faults: --worlds of them at once. None gets more\n"
    "than 50, so that it does not spend its time on reading its own past. SIGTERM ends it after the faults that are\n"
    "under way, with its table.\n";

constexpr uint64_t kFaultsOfAWorld = 50;

std::atomic<bool> enough = false;

struct Options {
  RunOptions run;
  uint64_t replicas = 2;
  uint64_t worlds = 1;
};

bool parse_only(const std::string& value, Options& options) {
  for (const std::string& kind : split(value, ',')) {
    const bool known = std::ranges::any_of(fault_kinds(), [&](const FaultKind& k) { return k.name == trim(kind); });
    if (!known) return std::cerr << "chaos: --only: there is no \"" << kind << "\"; see chaos --list\n", false;
    options.run.only.insert(std::string(trim(kind)));
  }
  return true;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--only") {
      if (!parse_only(value, options)) return false;
      continue;
    }
    uint64_t* field = option == "--faults"     ? &options.run.faults
                      : option == "--seed"     ? &options.run.seed
                      : option == "--replicas" ? &options.replicas
                      : option == "--worlds"   ? &options.worlds
                      : option == "--rate"     ? &options.run.rate
                      : option == "--bound"    ? &options.run.bound
                                               : nullptr;
    if (!field) return std::cerr << "chaos: " << option << " is not an option\n" << kUsage, false;
    const auto number = parse_integer(value);
    const int64_t least = field == &options.run.seed ? 0 : 1;
    const int64_t most = field == &options.replicas || field == &options.worlds ? 3 : 1'000'000'000;
    if (!number || *number < least || *number > most) {
      return std::cerr << "chaos: " << option << " needs a whole number from " << least << " to " << most << "\n",
             false;
    }
    *field = static_cast<uint64_t>(*number);
  }
  return true;
}

// Of the whole process, before there are threads: a mount namespace, and what the installation reads.
WorldOptions world_options(const Options& options) {
  WorldOptions world;
  world.replicas = static_cast<uint32_t>(options.replicas);
  world.disks = may_mount();
  if (!world.disks) std::cout << "no full disks: this process may not mount file systems\n";
  world.clock_library = clock_library();
  if (world.clock_library.empty()) std::cout << "no clock jumps: the package libfaketime is not installed\n";
  setenv("TANDEM_TEST_BUS", "kafka", 1);
  return world;
}

std::vector<RunOptions> runs_of(const Options& options) {
  std::vector<RunOptions> runs;
  const WorldOptions world = world_options(options);
  const uint64_t faults = options.run.faults;
  const uint64_t worlds = std::max(options.worlds, (faults + kFaultsOfAWorld - 1) / kFaultsOfAWorld);
  for (uint64_t i = 0; i < worlds; i++) {
    RunOptions one = options.run;
    one.world = world;
    one.enough = &enough;
    one.seed += i;
    one.faults = faults / worlds + (i < faults % worlds ? 1 : 0);
    if (worlds > 1) one.name = "world " + std::to_string(i + 1) + ": ";
    runs.push_back(std::move(one));
  }
  return runs;
}

RunOutcome run_world(const RunOptions& options) {
  try {
    return Run(options).run();
  } catch (const std::exception& error) {
    RunOutcome broken;
    broken.findings.broken.push_back(std::string("the run broke off: ") + error.what());
    return broken;
  }
}

// Adds what one world went through to what all did. Requests of different worlds have the same ids.
void add(RunOutcome& all, RunOutcome one, const std::string& world) {
  all.well = all.well && one.well;
  all.ordeals.insert(all.ordeals.end(), one.ordeals.begin(), one.ordeals.end());
  for (Act& act : one.acts) {
    act.request_id = world + act.request_id;
    all.acts.push_back(std::move(act));
  }
  for (auto& [request, what] : one.findings.lost) all.findings.lost[world + request] = what;
  for (auto& [request, what] : one.findings.doubled) all.findings.doubled[world + request] = what;
  for (auto& what : one.complaints) all.complaints.push_back(world + what);
  for (auto& what : one.findings.books) all.findings.books.push_back(world + what);
  for (auto& what : one.findings.broken) all.findings.broken.push_back(world + what);
  all.findings.balance += (all.findings.balance.empty() ? "" : "\n       ") + world + one.findings.balance;
}

int run(const Options& options) {
  const std::vector<RunOptions> runs = runs_of(options);
  std::signal(SIGTERM, [](int) { enough = true; });
  std::vector<std::optional<RunOutcome>> outcomes(runs.size());
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < options.worlds; i++) {
    threads.emplace_back([&] {
      for (size_t at = next++; at < runs.size() && !enough; at = next++) outcomes[at] = run_world(runs[at]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  RunOutcome all;
  all.well = true;
  for (size_t i = 0; i < runs.size(); i++) {
    if (outcomes[i]) add(all, *std::move(outcomes[i]), runs[i].name);
  }
  print_table(std::cout, all.ordeals, all.acts, all.findings);
  print_findings(std::cout, all.findings);
  for (const std::string& what : all.complaints) std::cout << "NOT WELL: " << what << "\n";
  if (all.well) return 0;
  std::cout << "chaos: FAILED; again: chaos --faults " << options.run.faults << " --seed " << options.run.seed
            << " --replicas " << options.replicas << " --worlds " << options.worlds << "\n";
  return 1;
}

}  // namespace
}  // namespace tandem::chaos

int main(int argc, char** argv) {
  using namespace tandem::chaos;
  if (argc == 2 && std::string(argv[1]) == "--list") {
    for (const FaultKind& kind : fault_kinds()) std::cout << kind.name << "\n";
    return 0;
  }
  Options options;
  return parse(argc, argv, options) ? run(options) : 2;
}
