// How many machines so many leads a second take, from the costs that were measured, and which limit comes first.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/scale_model.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

constexpr double kUtilisation = 0.6;  // of a thread or processor, so that latency stays what it was
constexpr double kRates[] = {1'000, 100'000, 1'000'000};
constexpr double kBrokerCores = 8;
constexpr double kReplication = 3;

// Of threads, processors or machines for so much work a second, each with `microseconds` of it.
double count_for(double rate, double microseconds) {
  return std::max(1.0, std::ceil(rate * microseconds / 1e6 / kUtilisation));
}

void print_costs(const Costs& costs, std::ostream& out) {
  out << "Costs of a lead as measured, saturated, in µs of CPU: Redis " << fixed(costs.redis_us, 0) << ", "
      << fixed(costs.redis_thread_us, 0) << " of them in its one thread for commands; the broker "
      << fixed(costs.kafka_us, 0);
  for (const auto& [service, us] : costs.service_us) {
    out << "; " << service << " " << fixed(us, 0) << ", " << fixed(costs.loop_us.at(service), 0)
        << " of them in its loop";
  }
  out << ". A lead is " << commits_of_a_lead() << " commits, its events are " << with_commas(costs.bytes)
      << " bytes on Kafka. One team takes " << with_commas(costs.hot_team) << " leads a second.\n\n";
}

void print_row(const Costs& costs, double rate, std::ostream& out) {
  const double redis = count_for(rate, costs.redis_thread_us);
  const double broker_cores = rate * costs.kafka_us * kReplication / 1e6 / kUtilisation;
  out << "| " << with_commas(rate) << " | " << with_commas(rate * static_cast<double>(commits_of_a_lead())) << " | "
      << with_commas(redis) << " | " << with_commas(std::max(kReplication, std::ceil(broker_cores / kBrokerCores)))
      << " |";
  double shards = redis;
  for (const auto& [service, us] : costs.loop_us) {
    const double replicas = count_for(rate, us);
    shards = std::max(shards, replicas);
    out << " " << with_commas(replicas) << " |";
  }
  out << " " << with_commas(count_for(rate, costs.services_us())) << " | " << with_commas(shards) << " | "
      << with_commas(std::max(1.0, std::ceil(rate / costs.hot_team / kUtilisation))) << " | "
      << with_commas(rate * costs.bytes * kReplication / 1e6) << " |\n";
}

// Of one of each: the rate at which it is full, and by how much it is to be multiplied for each rate of the table.
void print_limits(const Costs& costs, std::ostream& out) {
  std::vector<Limit> all = limits(costs, 1, 1);
  all.push_back({"one team", costs.hot_team});
  std::sort(all.begin(), all.end(), [](const Limit& a, const Limit& b) { return a.leads_per_s < b.leads_per_s; });
  out << "\nLimits of one of each, the first to be reached first, and how many of it each rate takes. A relay is "
         "counted as if it were all that its service does beside the loop: it takes more.\n\n| limit | leads a second "
         "|";
  for (const double rate : kRates) out << " for " << with_commas(rate) << " |";
  out << "\n|---|---|";
  for (size_t i = 0; i < std::size(kRates); ++i) out << "---|";
  out << "\n";
  for (const Limit& limit : all) {
    out << "| " << limit.name << " | " << with_commas(limit.leads_per_s) << " |";
    for (const double rate : kRates) out << " " << with_commas(count_for(rate, 1e6 / limit.leads_per_s)) << " |";
    out << "\n";
  }
  out << "\nWhat is to be multiplied first is what stands highest with more than 1.\n\n";
}

constexpr char kWhatToDo[] =
    "- **Redis' thread.** Shards are spread over primaries by the setting `redis`; a shard is the least that can be\n"
    "  moved, so there are at most as many primaries for a service as it has shards. A primary more costs a processor\n"
    "  and a disk that syncs, and is one more that may be away.\n"
    "- **The loop of a service, its relay.** Replicas divide the partitions and shards of a service among them; more\n"
    "  than there are shards do nothing. Requests may go to any replica. A replica more costs a process, of the "
    "memory\n"
    "  that performance.md says, and a member more in its consumer group.\n"
    "- **One team.** A team is one aggregate, its choices are made one after the other. Past this rate leads are\n"
    "  divided among several teams, by territory or product.\n"
    "- **Order.** A shard is published in order by one relay to one partition. The number of shards is fixed when an\n"
    "  installation begins: choose it for the rate to be reached, since changing it means to write the log anew. More\n"
    "  shards cost requests: the client sends each partition's events in one of its own.\n\n";

}  // namespace

Status scale(const BenchOptions& options, Findings& findings, std::ostream& out) {
  TANDEM_ASSIGN_OR_RETURN(const Costs costs, costs_of(findings));
  print_costs(costs, out);
  out << "Threads and processors are filled to " << fixed(kUtilisation * 100, 0) << " %, brokers have "
      << fixed(kBrokerCores, 0) << " processors and replication " << fixed(kReplication, 0) << ".\n\n";
  out << "| leads a second | commits a second | Redis primaries | brokers |";
  for (const auto& [service, us] : costs.loop_us) out << " replicas of " << service << " |";
  out << " their processors | least shards | teams | MB a second into Kafka |\n|---|---|---|---|";
  for (size_t i = 0; i < costs.loop_us.size(); ++i) out << "---|";
  out << "---|---|---|---|\n";
  for (const double rate : kRates) print_row(costs, rate, out);
  print_limits(costs, out);
  out << kWhatToDo;
  return check_scale(options, costs, findings, out);
}

}  // namespace tandem::bench
