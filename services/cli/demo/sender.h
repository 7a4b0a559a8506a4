// Commands sent many at a time, by one thread. Faults that pass are tried again with the same request id, so that what
// was done once is not done twice.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/rpc/client.h"

namespace tandem::cli {

class CommandSender {
 public:
  using Clock = std::chrono::steady_clock;
  using OnResult = std::function<void(Result<type::v1::CommandResult>)>;

  CommandSender(const std::string& address, int connections) : caller_(address, connections) {}

  void send(const std::string& method, std::shared_ptr<const google::protobuf::Message> command,
            const rpc::CallOptions& options, OnResult on_result);
  // Waits for answers until the deadline, and hands out those that are there.
  void poll(Clock::time_point deadline);
  // Without an answer yet.
  size_t in_flight() const { return in_flight_; }
  // How often, and for what.
  const std::map<std::string, uint64_t>& tried_again() const { return tried_again_; }

 private:
  struct Call {
    std::string method;
    std::shared_ptr<const google::protobuf::Message> command;
    rpc::CallOptions options;
    OnResult on_result;
    int tries = 0;
    Clock::time_point due{};  // of the next try
  };
  struct Later {
    bool operator()(const std::shared_ptr<Call>& a, const std::shared_ptr<Call>& b) const { return a->due > b->due; }
  };
  void start(const std::shared_ptr<Call>& call);
  void receive(const std::shared_ptr<Call>& call, Result<type::v1::CommandResult> result);

  rpc::AsyncCaller caller_;
  std::priority_queue<std::shared_ptr<Call>, std::vector<std::shared_ptr<Call>>, Later> waiting_;
  size_t in_flight_ = 0;
  std::map<std::string, uint64_t> tried_again_;
};

}  // namespace tandem::cli
