// How soon the others have all that a killed replica had, and how soon it has its part again once it is back.
#include <algorithm>
#include <iostream>
#include <set>
#include <thread>

#include "shared/base/services.h"
#include "tandem/runtime/v1/admin.pb.h"
#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/statistics.h"

namespace tandem::bench {
namespace {

using std::chrono::steady_clock;

constexpr uint32_t kReplicas = 3;
constexpr int kKills = 3;            // of each service
constexpr double kGoal = 5;          // seconds
constexpr char kSession[] = "3000";  // as `tandem up` sets it on a Kafka of its own
constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::seconds kSettled{5};  // after a start the group gives out everything in less
constexpr std::chrono::seconds kPatience{60};

// What the replicas of a service have between them.
struct Shares {
  std::set<uint32_t> shards;  // whose events they publish
  uint32_t partitions = 0;    // that they read
  uint32_t at_work = 0;       // replicas that have some of both
};

Result<Shares> shares_of(System& system, const std::vector<std::string>& replicas) {
  Shares all;
  for (const std::string& replica : replicas) {
    TANDEM_ASSIGN_OR_RETURN(const auto status, status_of(system, replica));
    all.shards.insert(status.shards_owned().begin(), status.shards_owned().end());
    all.partitions += status.partitions_read();
    if (status.shards_owned_size() > 0 && status.partitions_read() > 0) ++all.at_work;
  }
  return all;
}

// Seconds from `begin` until these replicas have everything, and each some of it.
Result<double> until_all_is_had(System& system, const std::vector<std::string>& replicas, uint32_t partitions,
                                steady_clock::time_point begin) {
  while (steady_clock::now() - begin < kPatience) {
    TANDEM_ASSIGN_OR_RETURN(const Shares shares, shares_of(system, replicas));
    if (shares.shards.size() == system.options().shards && shares.partitions == partitions &&
        shares.at_work == replicas.size()) {
      return std::chrono::duration<double>(steady_clock::now() - begin).count();
    }
    std::this_thread::sleep_for(kLook);
  }
  return make_error(Code::kDeadlineExceeded, replicas.front() + " and others do not get all shards and partitions");
}

struct Moves {
  std::vector<double> to_others;
  std::vector<double> back;
};

Status kill_one(System& system, const std::string& service, Moves& moves) {
  std::vector<std::string> all;
  for (uint32_t i = 0; i < kReplicas; ++i) all.push_back(replica_name(service, i));
  const std::string victim = all.back();
  const std::vector<std::string> others(all.begin(), all.end() - 1);
  TANDEM_ASSIGN_OR_RETURN(const Shares whole, shares_of(system, all));
  TANDEM_RETURN_IF_ERROR(until_all_is_had(system, all, whole.partitions, steady_clock::now()));
  const auto killed = steady_clock::now();
  TANDEM_RETURN_IF_ERROR(system.kill(victim));
  TANDEM_ASSIGN_OR_RETURN(const double away, until_all_is_had(system, others, whole.partitions, killed));
  TANDEM_RETURN_IF_ERROR(system.restart(victim));
  const auto returned = steady_clock::now();
  TANDEM_ASSIGN_OR_RETURN(const double back, until_all_is_had(system, all, whole.partitions, returned));
  moves.to_others.push_back(away);
  moves.back.push_back(back);
  return {};
}

}  // namespace

Status takeover(const BenchOptions& options, Findings& findings, std::ostream& out) {
  SystemOptions system = system_options(options, "takeover");
  system.replicas = kReplicas;
  system.settings["TANDEM_SESSION_MS"] = kSession;
  const auto product = make_product(system);
  TANDEM_RETURN_IF_ERROR(product->start());
  std::this_thread::sleep_for(kSettled);
  out << "On Kafka, " << kReplicas << " replicas of each service, of which one is killed (SIGKILL) and started again: "
      << "seconds until the others publish all shards and read all partitions, and from its being ready until it has "
         "its part of both again. Sessions of 3 s, as `tandem up` sets them on a Kafka of its own, leases of 3 s.\n\n"
      << "| service | kills | to the others, median | longest | back, median | longest |\n|---|---|---|---|---|---|\n";
  double longest = 0;
  for (const std::string& service : kServices) {
    std::cerr << "  " << service << std::endl;
    Moves moves;
    for (int i = 0; i < (options.quick ? 1 : kKills); ++i) TANDEM_RETURN_IF_ERROR(kill_one(*product, service, moves));
    const Summary away = summarize(moves.to_others);
    const Summary back = summarize(moves.back);
    out << "| " << service << " | " << moves.to_others.size() << " | " << fixed(away.median, 1) << " | "
        << fixed(away.high, 1) << " | " << fixed(back.median, 1) << " | " << fixed(back.high, 1) << " |\n";
    longest = std::max(longest, away.high);
  }
  findings["takeover_s_longest"] = longest;
  out << "\nGoal: to the others in less than " << fixed(kGoal, 0) << " s: " << fixed(longest, 1) << " s, "
      << verdict(longest < kGoal) << ".\n";
  return {};
}

}  // namespace tandem::bench
