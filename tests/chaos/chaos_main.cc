// chaos: a Tandem of real processes is tormented while its clients work, and must not lose or double anything. Options
// are in kUsage; exit status 0 = all is well, 1 = something was lost, doubled or not got over in time, 2 = wrong usage.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/text.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/clients.h"
#include "tests/chaos/history.h"
#include "tests/chaos/nemesis.h"
#include "tests/chaos/report.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr char kUsage[] =
    "usage: chaos [--faults N] [--seed N] [--replicas N] [--rate LEADS-A-SECOND] [--bound SECONDS]\n"
    "             [--only KIND,...]    kinds: chaos --list\n";
constexpr milliseconds kBetween{500};
constexpr int kGivenUpAfter = 4;    // bounds
constexpr size_t kAskedAgain = 12;  // commands after each fault

struct Options {
  uint64_t faults = 30;
  uint64_t seed = 1;
  uint64_t replicas = 2;
  uint64_t rate = 6;
  uint64_t bound = 60;
  std::set<std::string> only;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc + 1; i += 2) {
    const std::string option = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--only") {
      for (const std::string& kind : split(value, ',')) {
        const bool known = std::ranges::any_of(fault_kinds(), [&](const FaultKind& k) { return k.name == trim(kind); });
        if (!known) return std::cerr << "chaos: --only: there is no \"" << kind << "\"; see chaos --list\n", false;
        options.only.insert(std::string(trim(kind)));
      }
      continue;
    }
    uint64_t* field = option == "--faults"     ? &options.faults
                      : option == "--seed"     ? &options.seed
                      : option == "--replicas" ? &options.replicas
                      : option == "--rate"     ? &options.rate
                      : option == "--bound"    ? &options.bound
                                               : nullptr;
    if (!field) return std::cerr << "chaos: " << option << " is not an option\n" << kUsage, false;
    const auto number = parse_integer(value);
    const int64_t least = field == &options.seed ? 0 : 1;
    const int64_t most = field == &options.replicas ? 3 : 1'000'000'000;
    if (!number || *number < least || *number > most) {
      return std::cerr << "chaos: " << option << " needs a whole number from " << least << " to " << most << "\n",
             false;
    }
    *field = static_cast<uint64_t>(*number);
  }
  return true;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        world_(world_options()),
        nemesis_(kinds(), options.seed),
        chance_(options.seed ^ 0x5eed),
        clients_(world_, history_, options.seed, static_cast<uint32_t>(options.rate)) {}

  int run() {
    history_.under("(before)");
    const std::string unwell = await_well("start", steady_clock::now());
    for (uint64_t i = 1; unwell.empty() && i <= options_.faults; i++) {
      if (!one_fault(i)) break;
    }
    history_.under("(after)");
    const std::string left = clients_.finish(seconds(options_.bound * kGivenUpAfter));
    if (!left.empty()) complain("it does not come to rest: " + left);
    Findings findings = check(world_, history_.acts());
    for (const auto& [request, what] : answered_otherwise_) findings.doubled.emplace(request, what);
    print_table(std::cout, ordeals_, history_.acts(), findings);
    print_findings(std::cout, findings);
    const bool well = findings.well() && unwell.empty() && complaints_ == 0;
    if (!well)
      std::cout << "chaos: FAILED; again: chaos --faults " << options_.faults << " --seed " << options_.seed
                << " --replicas " << options_.replicas << "\n";
    return well ? 0 : 1;
  }

 private:
  WorldOptions world_options() {
    WorldOptions world;
    world.replicas = static_cast<uint32_t>(options_.replicas);
    world.disks = may_mount();
    if (!world.disks) std::cout << "no full disks: this process may not mount file systems\n";
    world.clock_library = clock_library();
    if (world.clock_library.empty()) std::cout << "no clock jumps: the package libfaketime is not installed\n";
    return world;
  }

  std::vector<FaultKind> kinds() {
    std::vector<FaultKind> all;
    for (const FaultKind& kind : fault_kinds()) {
      if (kind.needs_disks && !world_.options().disks) continue;
      if (kind.needs_clocks && world_.options().clock_library.empty()) continue;
      if (options_.only.empty() || options_.only.contains(kind.name)) all.push_back(kind);
    }
    return all;
  }

  void complain(const std::string& what) {
    complaints_++;
    std::cout << "NOT WELL: " << what << std::endl;
  }

  bool one_fault(uint64_t number) {
    std::this_thread::sleep_for(kBetween);
    const FaultKind& kind = nemesis_.choose();
    history_.under(kind.name);
    const auto begin = steady_clock::now();
    const Strike strike = kind.strike(world_, chance_);
    const std::string unwell = await_well(std::to_string(number), strike.over);
    Ordeal ordeal{kind.name, strike.what, {}, {}};
    ordeal.recovery = std::chrono::duration_cast<milliseconds>(steady_clock::now() - strike.over);
    ordeal.outage = std::chrono::duration_cast<milliseconds>(history_.longest_silence(begin));
    std::cout << number << ". " << kind.name << ": " << strike.what << ": outage " << in_seconds(ordeal.outage)
              << ", well after " << in_seconds(ordeal.recovery) << std::endl;
    ordeals_.push_back(ordeal);
    if (!unwell.empty()) {
      complain("after " + kind.name + " (" + strike.what + "): " + unwell);
      for (const std::string& name : world_.processes())
        std::cout << name << ":\n" << world_.tandem().log_tail(name, 6);
      return false;
    }
    if (ordeal.recovery > seconds(options_.bound)) {
      complain(kind.name + " (" + strike.what + ") took longer than " + std::to_string(options_.bound) + " s");
    }
    for (auto& [request, what] : clients_.ask_again(history_.last_acknowledged(kAskedAgain))) {
      answered_otherwise_[request] = what;
    }
    return true;
  }

  // Until all processes are well, and a fresh lead has come to a salesperson; what is missing if that does not come.
  std::string await_well(const std::string& name, steady_clock::time_point since) {
    const auto deadline = since + seconds(options_.bound * kGivenUpAfter);
    auto next_word = since + seconds(options_.bound / 2);
    std::string missing;
    for (int attempt = 0; steady_clock::now() < deadline; attempt++) {
      missing = world_.not_well();
      if (missing.empty()) missing = probe("probe-" + name + "-" + std::to_string(attempt) + "@example.com");
      if (missing.empty()) return "";
      if (steady_clock::now() >= next_word) {
        std::cout << "  not yet: " << missing << std::endl;
        next_word += seconds(options_.bound / 2);
      }
      std::this_thread::sleep_for(milliseconds(50));
    }
    return missing;
  }

  std::string probe(const std::string& email) {
    const auto [lead, error] = clients_.capture_one(email, seconds(10));
    if (lead.empty()) return error;
    const bool assigned = testing::eventually(
        [&] { return !world_.company().assignments("lead = \"" + lead + "\"").empty(); }, seconds(10));
    return assigned ? "" : "lead " + lead + " is captured, and nobody gets it";
  }

  const Options options_;
  World world_;
  Nemesis nemesis_;
  SeededChance chance_;
  History history_;
  Clients clients_;
  std::vector<Ordeal> ordeals_;
  std::map<std::string, std::string> answered_otherwise_;
  int complaints_ = 0;
};

}  // namespace
}  // namespace tandem::chaos

int main(int argc, char** argv) {
  using namespace tandem::chaos;
  if (argc == 2 && std::string(argv[1]) == "--list") {
    for (const FaultKind& kind : fault_kinds()) std::cout << kind.name << "\n";
    return 0;
  }
  Options options;
  if (!parse(argc, argv, options)) return 2;
  try {
    return Run(options).run();
  } catch (const std::exception& e) {
    std::cout << "chaos: FAILED: " << e.what() << std::endl;
    return 1;
  }
}
