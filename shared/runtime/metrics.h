// A service's metrics, in Prometheus' text format. Names begin with tandem_; all carry the label service.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/rpc/server.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::runtime {

class Metrics {
 public:
  explicit Metrics(const std::string& service);
  ~Metrics();

  // On the loop's thread.
  void batch(const BatchReport& report);
  void status(const v1::ServiceStatus& status);
  void server(const rpc::ServerCounters& counters);

  // Any thread. Of events that one trim took away: from recording to there.
  void relayed(const std::vector<std::chrono::microseconds>& times);
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem::runtime
