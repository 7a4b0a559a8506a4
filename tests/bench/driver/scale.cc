// How many machines so many leads a second take, from the costs that were measured, and which limit comes first.
#include <algorithm>
#include <cmath>

#include "shared/base/services.h"
#include "tests/bench/driver/experiments.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

constexpr double kUtilisation = 0.6;  // of a thread or processor, so that latency stays what it was
constexpr double kRates[] = {1'000, 100'000, 1'000'000};
constexpr double kBrokerCores = 8;
constexpr double kReplication = 3;

struct Costs {
  double redis_us = 0;                       // of Redis' one thread, for a commit
  double kafka_us = 0;                       // of the broker, for a commit, all readers included
  double hot_team = 0;                       // leads a second of one team
  double shard_us = 0;                       // of a service's loop thread, for a commit of its own
  std::map<std::string, double> service_us;  // for a commit of its own
  std::map<std::string, double> commits;     // of a lead, by service
  double bytes = 0;                          // of a lead's events on Kafka
};

double at_least_one(double value) { return std::max(1.0, std::ceil(value)); }

Result<Costs> costs_of(const Findings& findings) {
  Costs costs;
  const auto figure = [&](const std::string& name) {
    const auto at = findings.find(name);
    return at == findings.end() ? 0 : at->second;
  };
  for (const Step& step : steps()) {
    costs.commits[std::string(step.service)] += 1;
    costs.bytes += static_cast<double>(step.envelope_bytes + kOtherHeaderBytes + step.payload_bytes);
  }
  const auto all = static_cast<double>(commits_of_a_lead());
  for (const auto& [service, commits] : costs.commits) {
    costs.service_us[service] = figure("product_closed_cpu_us_" + service) * all / commits;
    costs.shard_us = std::max(costs.shard_us, costs.service_us[service]);
  }
  costs.redis_us = figure("product_closed_cpu_us_redis");
  costs.kafka_us = figure("product_closed_cpu_us_kafka");
  costs.hot_team = figure("hot_leads_per_s");
  if (costs.redis_us == 0 || costs.hot_team == 0) {
    return make_error(Code::kFailedPrecondition, "scale needs what the experiments pairs and hot measure");
  }
  return costs;
}

void print_costs(const Costs& costs, std::ostream& out) {
  out << "Costs as measured, saturated: " << fixed(costs.redis_us, 1) << " µs of Redis' one thread and "
      << fixed(costs.kafka_us, 1) << " µs of the broker a commit";
  for (const auto& [service, us] : costs.service_us) {
    out << "; " << fixed(us, 1) << " µs of " << service << " for each of its " << fixed(costs.commits.at(service), 0)
        << " commits of a lead";
  }
  out << ". A lead's events are " << with_commas(costs.bytes) << " bytes on Kafka. One team takes "
      << with_commas(costs.hot_team) << " leads a second.\n\n";
}

// What is at its end first, going up to this rate from nothing.
std::string first_limit(const Costs& costs) {
  const auto all = static_cast<double>(commits_of_a_lead());
  const double redis = 1e6 / (costs.redis_us * all);
  std::string slowest;
  double replica = 0;
  for (const auto& [service, us] : costs.service_us) {
    const double rate = 1e6 / (us * costs.commits.at(service));
    if (slowest.empty() || rate < replica) {
      slowest = service;
      replica = rate;
    }
  }
  const std::string words = "one Redis thread at " + with_commas(redis) + ", one replica of " + slowest + " at " +
                            with_commas(replica) + ", one team at " + with_commas(costs.hot_team) + " leads a second";
  return words;
}

}  // namespace

Status scale(const BenchOptions&, Findings& findings, std::ostream& out) {
  TANDEM_ASSIGN_OR_RETURN(const Costs costs, costs_of(findings));
  print_costs(costs, out);
  const auto all = static_cast<double>(commits_of_a_lead());
  out << "Threads and processors are filled to " << fixed(kUtilisation * 100, 0) << " %, brokers have "
      << fixed(kBrokerCores, 0) << " processors and replication " << fixed(kReplication, 0) << ".\n\n";
  out << "| leads a second | commits a second | Redis primaries | brokers | replicas of";
  for (const auto& [service, us] : costs.service_us) out << " " << service;
  out << " | least shards | teams | MB a second into Kafka |\n|---|---|---|---|---|---|---|---|\n";
  for (const double rate : kRates) {
    const double redis = at_least_one(rate * all * costs.redis_us / 1e6 / kUtilisation);
    const double brokers = std::max(
        kReplication, std::ceil(rate * all * costs.kafka_us * kReplication / 1e6 / kUtilisation / kBrokerCores));
    out << "| " << with_commas(rate) << " | " << with_commas(rate * all) << " | " << with_commas(redis) << " | "
        << with_commas(brokers) << " |";
    double most = redis;
    for (const auto& [service, us] : costs.service_us) {
      const double replicas = at_least_one(rate * costs.commits.at(service) * us / 1e6 / kUtilisation);
      most = std::max(most, replicas);
      out << " " << with_commas(replicas);
    }
    out << " | " << with_commas(most) << " | " << with_commas(at_least_one(rate / costs.hot_team / kUtilisation))
        << " | " << with_commas(rate * costs.bytes * kReplication / 1e6) << " |\n";
  }
  out << "\nLimits in the order of this machine's figures: " << first_limit(costs) << ".\n\n"
      << "- **One Redis thread.** Shards are spread over primaries by the setting `redis`; a shard is the least that "
         "can "
         "be moved, so there are at most as many primaries for a service as it has shards.\n"
      << "- **One replica.** Replicas divide the partitions of a service among them; more than there are shards do "
         "nothing. Requests may go to any replica.\n"
      << "- **One team.** A team is one aggregate, its choices are made one after the other. Past this rate leads are "
         "divided among several teams, by territory or product.\n"
      << "- **Order.** A shard is published in order by one relay to one partition. The number of shards is fixed when "
         "an installation begins: choose it for the rate to be reached, since changing it means to write the log "
         "anew.\n";
  return {};
}

}  // namespace tandem::bench
