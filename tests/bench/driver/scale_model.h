// What a lead costs, by what was measured, and how many a second an installation takes by that.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/base/result.h"
#include "tests/bench/driver/experiments.h"

namespace tandem::bench {

// Microseconds of CPU for a lead, of the product saturated.
struct Costs {
  double redis_us = 0;                       // of all Redis threads
  double redis_thread_us = 0;                // of the one that carries commands out
  double kafka_us = 0;                       // of the broker, all readers included
  std::map<std::string, double> service_us;  // by service, of all its threads
  std::map<std::string, double> loop_us;     // of its loop alone
  double busy = 0;                           // processors that all these kept busy; the driver had the others
  double bytes = 0;                          // of a lead's events on Kafka
  double hot_team = 0;                       // leads a second of one team

  double services_us() const;
  double all_us() const { return redis_us + kafka_us + services_us(); }
};

// FAILED_PRECONDITION without the figures of the experiments `pairs` and `hot`.
Result<Costs> costs_of(const Findings& findings);

struct Limit {
  std::string name;
  double leads_per_s = 0;
};

// Of so many Redis primaries, and replicas of each service, on processors enough: the first to be reached first.
std::vector<Limit> limits(const Costs& costs, uint32_t redis, uint32_t replicas);
// On the machine that the costs were measured on.
Limit first_limit_here(const Costs& costs, uint32_t redis, uint32_t replicas);

// Runs the product with several Redis, and with several replicas, and prints it beside what the costs say.
Status check_scale(const BenchOptions& options, const Costs& costs, Findings& findings, std::ostream& out);

}  // namespace tandem::bench
