// One run of one system, from its start to its end, and what the runs of all pairs come to.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "tests/bench/driver/load.h"
#include "tests/bench/driver/system.h"
#include "tests/bench/driver/watch.h"

namespace tandem::bench {

struct MeasureOptions {
  double rate = 500;                // leads a second of the open loop
  uint64_t outstanding = 512;       // leads of the closed loop
  std::chrono::seconds warm_up{3};  // of the closed loop, not measured
  std::chrono::seconds open{15};
  std::chrono::seconds closed{15};
};

// Figures by name, so that tables and files need not know them: "assigned_p50_ms".
using Figures = std::map<std::string, double>;

// A system that was started, under load.
struct Driven {
  std::unique_ptr<Watch> watch;
  std::unique_ptr<Load> load;
};
// Gives it its definitions, and lets it run until it is warm.
Result<Driven> warm_up(System& system, const MeasureOptions& options);

// Leads, commits, latencies, CPU and memory of one run. CPU by part: "open_cpu_us_kafka" is microseconds a commit.
Result<Figures> measure(System& system, const MeasureOptions& options);

}  // namespace tandem::bench
