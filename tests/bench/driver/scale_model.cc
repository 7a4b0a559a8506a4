#include "tests/bench/driver/scale_model.h"

#include <algorithm>

#include "shared/base/services.h"
#include "tests/bench/plan.h"

namespace tandem::bench {

double Costs::services_us() const {
  double all = 0;
  for (const auto& [service, us] : service_us) all += us;
  return all;
}

Result<Costs> costs_of(const Findings& findings) {
  const auto figure = [&](const std::string& name) {
    const auto at = findings.find(name);
    return at == findings.end() ? 0 : at->second;
  };
  // What was measured is of a commit.
  const auto of_a_lead = [&](const std::string& name) {
    return figure("product_closed_" + name) * figure("product_closed_commits_per_lead");
  };
  Costs costs;
  for (const std::string& service : kServices) {
    costs.service_us[service] = of_a_lead("cpu_us_" + service);
    costs.loop_us[service] = of_a_lead("main_us_" + service);
  }
  costs.redis_us = of_a_lead("cpu_us_redis");
  costs.redis_thread_us = of_a_lead("main_us_redis");
  costs.kafka_us = of_a_lead("cpu_us_kafka");
  costs.busy = figure("product_closed_leads_per_s") * costs.all_us() / 1e6;
  costs.hot_team = figure("hot_leads_per_s");
  for (const Step& step : steps()) {
    costs.bytes += static_cast<double>(step.envelope_bytes + kOtherHeaderBytes + step.payload_bytes);
  }
  if (costs.redis_thread_us == 0 || costs.hot_team == 0) {
    return make_error(Code::kFailedPrecondition, "scale needs what the experiments pairs and hot measure");
  }
  return costs;
}

std::vector<Limit> limits(const Costs& costs, uint32_t redis, uint32_t replicas) {
  std::vector<Limit> all = {{"Redis' thread", redis * 1e6 / costs.redis_thread_us}};
  for (const auto& [service, us] : costs.loop_us) {
    all.push_back({"the loop of " + service, replicas * 1e6 / us});
    // Its thread is one of those beside the loop; what each of them uses is not known, so it is counted as all of them.
    all.push_back({"the relay of " + service, replicas * 1e6 / (costs.service_us.at(service) - us)});
  }
  std::sort(all.begin(), all.end(), [](const Limit& a, const Limit& b) { return a.leads_per_s < b.leads_per_s; });
  return all;
}

Limit first_limit_here(const Costs& costs, uint32_t redis, uint32_t replicas) {
  const Limit machine{"this machine's processors", costs.busy * 1e6 / costs.all_us()};
  const Limit first = limits(costs, redis, replicas).front();
  return first.leads_per_s < machine.leads_per_s ? first : machine;
}

}  // namespace tandem::bench
