// simulate: runs histories of the simulated company, each from a seed of its own, and stops at the first that violates
// an invariant. Options are in kUsage; exit status 0 = nothing was violated, 1 = something was, 2 = wrong usage.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "shared/base/teeth.h"
#include "tests/simulation/simulation.h"

namespace {

using tandem::simulation::Counts;
using tandem::simulation::Simulation;

constexpr char kUsage[] =
    "usage: simulate [--histories N] [--seconds N] [--from SEED] [--tooth NAME]   (as many as fit into both)\n"
    "       simulate --seed SEED [--trace] [--tooth NAME]                         one history again, with its trace\n";
constexpr size_t kShortened = 60;  // lines of a trace

struct Options {
  uint64_t histories = 1'000;
  double seconds = 1e9;
  uint64_t from = 1;
  bool replay = false;
  bool whole_trace = false;
};

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool set_tooth(const std::string& name) {
  for (const auto& [known, tooth] : tandem::teeth::kTeeth) {
    if (known != name) continue;
#ifdef TANDEM_TEETH
    tandem::teeth::in_force = tooth;
    return true;
#else
    (void)tooth;
    std::fprintf(stderr, "simulate: --tooth: this build has no teeth; configure it with the preset \"simulation\"\n");
    return false;
#endif
  }
  std::fprintf(stderr, "simulate: --tooth: there is no \"%s\"; shared/base/teeth.h lists them\n", name.c_str());
  return false;
}

bool number(const char* option, const char* text, uint64_t& value) {
  char* end = nullptr;
  value = text ? std::strtoull(text, &end, 10) : 0;
  if (text && *text && !*end) return true;
  std::fprintf(stderr, "simulate: %s needs a whole number\n", option);
  return false;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    uint64_t seconds = 0;
    if (option == "--trace") {
      options.whole_trace = true;
      continue;
    }
    bool good = false;
    if (option == "--histories") good = number("--histories", value, options.histories);
    if (option == "--from") good = number("--from", value, options.from);
    if (option == "--seconds" && (good = number("--seconds", value, seconds))) options.seconds = double(seconds);
    if (option == "--seed" && (good = number("--seed", value, options.from))) options.replay = true;
    if (option == "--tooth") good = value && set_tooth(value);
    if (!good) return false;
    i++;
  }
  return true;
}

// The end of it, and before that what went wrong from outside.
void print_trace(const std::vector<std::string>& trace, bool whole) {
  size_t skipped = 0;
  for (size_t i = 0; i < trace.size(); i++) {
    const bool shown = whole || i + kShortened >= trace.size() || trace[i].find("! ") != std::string::npos;
    skipped += shown ? 0 : 1;
    if (shown) std::printf("  %s\n", trace[i].c_str());
  }
  if (skipped > 0) std::printf("  (%zu more lines with --trace)\n", skipped);
}

int replay(const Options& options) {
  Simulation simulation(options.from, true);
  const auto violations = simulation.run();
  print_trace(simulation.trace(), options.whole_trace);
  for (const std::string& violation : violations) std::printf("VIOLATED: %s\n", violation.c_str());
  std::printf("seed %llu: %zu violations, %llu steps, %llu faults, %llu commits\n",
              static_cast<unsigned long long>(options.from), violations.size(),
              static_cast<unsigned long long>(simulation.counts().steps),
              static_cast<unsigned long long>(simulation.counts().faults),
              static_cast<unsigned long long>(simulation.counts().commits));
  return violations.empty() ? 0 : 1;
}

void print_rates(uint64_t histories, const Counts& total, double seconds) {
  std::printf(
      "%llu histories in %.1f s: %.0f histories, %.0f steps, %.0f faults, %.0f commits a second; %.1f ms each\n",
      static_cast<unsigned long long>(histories), seconds, double(histories) / seconds, double(total.steps) / seconds,
      double(total.faults) / seconds, double(total.commits) / seconds, seconds / double(histories) * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (options.replay) return replay(options);
  const auto start = std::chrono::steady_clock::now();
  Counts total;
  uint64_t histories = 0;
  for (; histories < options.histories && since(start) < options.seconds; histories++) {
    const uint64_t seed = options.from + histories;
    Simulation simulation(seed);
    const auto violations = simulation.run();
    total.steps += simulation.counts().steps;
    total.faults += simulation.counts().faults;
    total.commits += simulation.counts().commits;
    if (violations.empty()) continue;
    std::printf("seed %llu, history %llu: VIOLATED: %s\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(histories + 1), violations.front().c_str());
    print_rates(histories + 1, total, since(start));
    std::printf("again, with its trace: simulate --seed %llu\n", static_cast<unsigned long long>(seed));
    return 1;
  }
  print_rates(histories, total, since(start));
  return 0;
}
