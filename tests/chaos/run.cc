#include "tests/chaos/run.h"

#include <iostream>
#include <mutex>
#include <thread>
#include <utility>

namespace tandem::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kBetween{500};
constexpr int kGivenUpAfter = 4;    // bounds
constexpr size_t kAskedAgain = 12;  // commands after each fault

}  // namespace

Run::Run(RunOptions options)
    : options_(std::move(options)),
      world_(options_.world),
      nemesis_(kinds(), options_.seed),
      chance_(options_.seed ^ 0x5eed),
      clients_(world_, history_, options_.seed, static_cast<uint32_t>(options_.rate)) {}

RunOutcome Run::run() {
  const std::string unwell = await_well("start", steady_clock::now());
  if (!unwell.empty()) complain("before any fault: " + unwell);
  for (uint64_t i = 1; unwell.empty() && i <= options_.faults; i++) {
    if ((options_.enough && *options_.enough) || !one_fault(i)) break;
  }
  history_.under("(after)");
  const std::string left = clients_.finish(seconds(options_.bound * kGivenUpAfter));
  if (!left.empty()) complain("it does not come to rest: " + left);
  RunOutcome outcome;
  outcome.findings = check(world_, history_.acts());
  for (const auto& [request, what] : answered_otherwise_) outcome.findings.doubled.emplace(request, what);
  outcome.well = outcome.findings.well() && complaints_.empty();
  outcome.complaints = complaints_;
  outcome.ordeals = std::move(ordeals_);
  outcome.acts = history_.acts();
  return outcome;
}

std::vector<FaultKind> Run::kinds() const {
  std::vector<FaultKind> all;
  for (const FaultKind& kind : fault_kinds()) {
    if (kind.needs_disks && !options_.world.disks) continue;
    if (kind.needs_clocks && options_.world.clock_library.empty()) continue;
    if (options_.only.empty() || options_.only.contains(kind.name)) all.push_back(kind);
  }
  return all;
}

void Run::say(const std::string& line) const {
  static std::mutex mutex;  // of the output, which several worlds share
  std::lock_guard lock(mutex);
  std::cout << options_.name << line << std::endl;
}

void Run::complain(const std::string& what) {
  complaints_.push_back(what);
  say("NOT WELL: " + what);
}

bool Run::one_fault(uint64_t number) {
  std::this_thread::sleep_for(kBetween);
  const FaultKind& kind = nemesis_.choose();
  history_.under(kind.name);
  const auto begin = steady_clock::now();
  const Strike strike = kind.strike(world_, chance_);
  const std::string unwell = await_well(std::to_string(number) + "-" + kind.name, strike.over);
  Ordeal ordeal{kind.name, strike.what, {}, {}};
  ordeal.recovery = std::chrono::duration_cast<milliseconds>(steady_clock::now() - strike.over);
  ordeal.outage = std::chrono::duration_cast<milliseconds>(history_.longest_silence(begin));
  say(std::to_string(number) + ". " + kind.name + ": " + strike.what + ": outage " + in_seconds(ordeal.outage) +
      ", well after " + in_seconds(ordeal.recovery));
  ordeals_.push_back(ordeal);
  if (!unwell.empty()) {
    complain("after " + kind.name + " (" + strike.what + "): " + unwell);
    for (const std::string& name : world_.processes()) say(name + ":\n" + world_.tandem().log_tail(name, 6));
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

std::string Run::await_well(const std::string& name, steady_clock::time_point since) {
  const auto deadline = since + seconds(options_.bound * kGivenUpAfter);
  auto next_word = since + seconds(options_.bound / 2);
  std::string missing;
  while (steady_clock::now() < deadline) {
    missing = world_.not_well();
    if (missing.empty()) missing = probe("probe-" + std::to_string(++probes_) + "@example.com");
    if (missing.empty()) return "";
    if (steady_clock::now() >= next_word) {
      say("  " + name + " not yet well: " + missing);
      next_word += seconds(options_.bound / 2);
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
  return missing;
}

std::string Run::probe(const std::string& email) {
  const auto [lead, error] = clients_.capture_one(email, seconds(10));
  if (lead.empty()) return error;
  const bool assigned = testing::eventually(
      [&] { return !world_.company().assignments("lead = \"" + lead + "\"").empty(); }, seconds(10));
  return assigned ? "" : "lead " + lead + " is captured, and nobody gets it";
}

}  // namespace tandem::chaos
