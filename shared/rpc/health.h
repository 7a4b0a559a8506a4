// grpc.health.v1: whether the server, or a service of it, takes calls; asked once, or watched.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "shared/base/result.h"
#include "shared/rpc/call.h"

namespace tandem::rpc {

class HealthWatch;

class Health {
 public:
  // All of them have one state.
  explicit Health(std::vector<std::string> services) : services_(std::move(services)) {}

  // Watchers hear of a change.
  void set_serving(bool serving);
  // Of a service by its full name, or of the server (""). SERVICE_UNKNOWN for another.
  grpc::health::v1::HealthCheckResponse::ServingStatus status(const std::string& service) const;

  std::unique_ptr<Handler> check();
  std::unique_ptr<Handler> watch();
  // Ends all watches.
  void end_watches(const grpc::Status& status);

 private:
  friend class HealthWatch;

  std::vector<std::string> services_;
  bool serving_ = false;
  std::set<HealthWatch*> watches_;
};

}  // namespace tandem::rpc
