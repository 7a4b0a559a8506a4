// simulate: runs histories of the simulated company, each from a seed of its own, and stops at the first that violates
// an invariant. Options are in kUsage; exit status 0 = nothing was violated, 1 = something was, 2 = wrong usage.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/teeth_by_name.h"
#include "tests/simulation/simulation.h"

namespace {

using tandem::simulation::Counts;
using tandem::simulation::Simulation;

constexpr char kUsage[] =
    "usage: simulate [--histories N] [--seconds N] [--from SEED] [--tooth NAME] [--jobs N]\n"
    "       simulate --seed SEED [--trace] [--tooth NAME]    one history again, with what concerns its violation, or\n"
    "                                                        all of its trace\n";
constexpr size_t kExcerpt = 40;  // lines of a trace

struct Options {
  uint64_t histories = 1'000;
  double seconds = 1e9;
  uint64_t from = 1;
  uint64_t jobs = 1;
  bool replay = false;
  bool whole_trace = false;
  std::string tooth;
};

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool set_tooth(const std::string& name) {
  const auto tooth = tandem::teeth::tooth_named(name);
  if (!tooth) {
    std::fprintf(stderr, "simulate: --tooth: there is no \"%s\"; shared/base/teeth.h lists them\n", name.c_str());
    return false;
  }
#ifdef TANDEM_TEETH
  tandem::teeth::in_force = *tooth;
  return true;
#else
  std::fprintf(stderr, "simulate: --tooth: this build has no teeth; configure it with the preset \"simulation\"\n");
  return false;
#endif
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
    if (option == "--jobs") good = number("--jobs", value, options.jobs) && options.jobs > 0;
    if (option == "--seconds" && (good = number("--seconds", value, seconds))) options.seconds = double(seconds);
    if (option == "--seed" && (good = number("--seed", value, options.from))) options.replay = true;
    if (option == "--tooth" && (good = value && set_tooth(value))) options.tooth = value;
    if (!good) return false;
    i++;
  }
  return true;
}

// What of it concerns the violation, and how to see the rest.
void print_excerpt(const Simulation& simulation, const std::string& violation, uint64_t seed, const Options& options) {
  const auto lines = tandem::simulation::excerpt(simulation.trace_to_violation(), violation, kExcerpt);
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
  std::printf("  (%zu more lines: build/simulation/bin/simulate --seed %llu%s%s --trace)\n",
              simulation.trace().size() - lines.size(), static_cast<unsigned long long>(seed),
              options.tooth.empty() ? "" : " --tooth ", options.tooth.c_str());
}

int replay(const Options& options) {
  Simulation simulation(options.from, true);
  const auto violations = simulation.run();
  if (!options.whole_trace) {
    print_excerpt(simulation, violations.empty() ? "" : violations.front(), options.from, options);
  } else {
    for (const auto& line : simulation.trace()) std::printf("  %s\n", to_text(line).c_str());
  }
  for (const std::string& violation : violations) std::printf("VIOLATED: %s\n", violation.c_str());
  std::printf("seed %llu: %zu violations, %llu steps, %llu faults, %llu commits\n",
              static_cast<unsigned long long>(options.from), violations.size(),
              static_cast<unsigned long long>(simulation.counts().steps),
              static_cast<unsigned long long>(simulation.counts().faults),
              static_cast<unsigned long long>(simulation.counts().commits));
  return violations.empty() ? 0 : 1;
}

// The processes that run histories keep no trace: it is run once more.
void print_trace_of(uint64_t seed, const Options& options) {
  Simulation simulation(seed, true);
  const auto violations = simulation.run();
  if (!violations.empty()) return print_excerpt(simulation, violations.front(), seed, options);
  std::printf("  (run again, seed %llu violates nothing: something besides the seed decides)\n",
              static_cast<unsigned long long>(seed));
}

// What one process found.
struct Found {
  uint64_t histories = 0;
  Counts counts;
  double cpu = 0;         // seconds
  uint64_t violated = 0;  // seed
  uint64_t after = 0;     // histories
  char what[400] = {};
};

Found run(const Options& options, uint64_t first, uint64_t stride, std::atomic<uint64_t>& lowest) {
  const auto start = std::chrono::steady_clock::now();
  Found found;
  for (uint64_t i = first; i < lowest && since(start) < options.seconds; i += stride) {
    Simulation simulation(options.from + i);
    const auto violations = simulation.run();
    found.histories++;
    found.counts.steps += simulation.counts().steps;
    found.counts.faults += simulation.counts().faults;
    found.counts.commits += simulation.counts().commits;
    found.counts.heals += simulation.counts().heals;
    if (violations.empty()) continue;
    found.violated = options.from + i;
    found.after = i + 1;
    std::snprintf(found.what, sizeof found.what, "%s", violations.front().c_str());
    for (uint64_t known = lowest; i < known && !lowest.compare_exchange_weak(known, i);) {
    }
    break;
  }
  found.cpu = double(std::clock()) / CLOCKS_PER_SEC;
  return found;
}

// Each process takes every jobs-th seed and ends at its first violation, or where another one has found one earlier;
// their findings come through a pipe.
std::vector<Found> run_all(const Options& options) {
  void* shared =
      mmap(nullptr, sizeof(std::atomic<uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return {};
  std::atomic<uint64_t>& lowest = *new (shared) std::atomic<uint64_t>(options.histories);
  int ends[2];
  if (options.jobs == 1 || pipe(ends) != 0) return {run(options, 0, 1, lowest)};
  std::fflush(nullptr);
  for (uint64_t job = 0; job < options.jobs; job++) {
    if (fork() != 0) continue;
    const Found found = run(options, job, options.jobs, lowest);
    const bool told = write(ends[1], &found, sizeof found) == sizeof found;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::vector<Found> all;
  for (Found found; read(ends[0], &found, sizeof found) == sizeof found;) all.push_back(found);
  close(ends[0]);
  return all;
}

int report(const Options& options, const std::vector<Found>& all, double seconds) {
  Found total;
  const Found* first = nullptr;
  for (const Found& found : all) {
    total.histories += found.histories;
    total.counts.steps += found.counts.steps;
    total.counts.faults += found.counts.faults;
    total.counts.commits += found.counts.commits;
    total.counts.heals += found.counts.heals;
    total.cpu += found.cpu;
    if (found.after > 0 && (!first || found.after < first->after)) first = &found;
  }
  const auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
  if (first) {
    std::printf("seed %llu, history %llu: VIOLATED: %s\n", number(first->violated), number(first->after), first->what);
  }
  const auto rate = [&](uint64_t n) { return double(n) / seconds; };
  std::printf(
      "%llu histories in %.1f s: a second %.0f histories, %.0f steps, %.0f faults, %.0f commits, %.0f heals; "
      "%.1f ms of CPU each\n",
      number(total.histories), seconds, rate(total.histories), rate(total.counts.steps), rate(total.counts.faults),
      rate(total.counts.commits), rate(total.counts.heals),
      total.cpu / double(std::max<uint64_t>(1, total.histories)) * 1e3);
  if (all.size() != options.jobs) {
    std::fprintf(stderr, "simulate: a process died: run again with --jobs 1 to see where\n");
    return 1;
  }
  if (!first) return 0;
  print_trace_of(first->violated, options);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  if (!parse(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (options.replay) return replay(options);
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Found> all = run_all(options);
  return report(options, all, since(start));
}
