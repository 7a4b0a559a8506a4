// Several Redis, and several replicas, on this machine: leads a second and what each costs, beside what the costs of
// one of each say.
#include <iostream>

#include "tests/bench/driver/scale_model.h"

namespace tandem::bench {
namespace {

struct Shape {
  const char* name;
  uint32_t redis;
  uint32_t replicas;
};
constexpr Shape kShapes[] = {{"as measured", 1, 1}, {"`--redis 3`", 3, 1}, {"`--replicas 3`", 1, 3}};

Result<LoadResult> closed_loop(const BenchOptions& options, const Shape& shape) {
  SystemOptions system = system_options(options, "scale");
  system.redis = shape.redis;
  system.replicas = shape.replicas;
  const MeasureOptions durations = measure_options(options);
  const auto product = make_product(system);
  TANDEM_RETURN_IF_ERROR(product->start());
  TANDEM_ASSIGN_OR_RETURN(const Driven driven, warm_up(*product, durations));
  return driven.load->closed_loop(durations.outstanding, durations.closed);
}

// Microseconds of a lead: Redis, Kafka, services.
struct Parts {
  double redis = 0;
  double kafka = 0;
  double services = 0;
};

Parts parts_of(const LoadResult& load) {
  Parts parts;
  for (const auto& [name, cpu] : load.cpu) {
    double& part = name == "redis" ? parts.redis : name == "kafka" ? parts.kafka : parts.services;
    part += cpu.all * 1e6 / static_cast<double>(load.leads);
  }
  return parts;
}

std::string against(double measured, double predicted) {
  return with_commas(measured) + " (" + fixed(measured / predicted, 2) + ")";
}

}  // namespace

Status check_scale(const BenchOptions& options, const Costs& costs, Findings& findings, std::ostream& out) {
  out << "The costs say for this machine, in the closed loop, what stands before the colon; what was measured stands "
         "after it, in brackets its ratio. CPU is of a lead, in µs.\n\n";
  out << "| `tandem up` | first limit | leads a second | Redis | Kafka | services |\n|---|---|---|---|---|---|\n";
  for (const Shape& shape : kShapes) {
    std::cerr << "  " << shape.redis << " Redis, " << shape.replicas << " replicas" << std::endl;
    const Limit limit = first_limit_here(costs, shape.redis, shape.replicas);
    TANDEM_ASSIGN_OR_RETURN(const LoadResult load, closed_loop(options, shape));
    const double rate = static_cast<double>(load.leads) / load.seconds;
    const Parts parts = parts_of(load);
    const auto cell = [](double predicted, double measured) {
      return with_commas(predicted) + ": " + against(measured, predicted) + " | ";
    };
    out << "| " << shape.name << " | " << limit.name << " | " << cell(limit.leads_per_s, rate)
        << cell(costs.redis_us, parts.redis) << cell(costs.kafka_us, parts.kafka)
        << cell(costs.services_us(), parts.services) << "\n";
    const std::string name =
        "scale_" + std::to_string(shape.redis) + "_redis_" + std::to_string(shape.replicas) + "_replicas_leads_per_s";
    findings[name] = rate;
    findings[name + "_predicted"] = limit.leads_per_s;
  }
  out << "\nMore of them cannot take more leads on a machine whose processors are the limit: what is checked is that "
         "they "
         "work, and what they cost.\n";
  return {};
}

}  // namespace tandem::bench
