// Leads sent to a system, and what became of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/rpc/client.h"
#include "tests/bench/driver/system.h"
#include "tests/bench/driver/watch.h"

namespace tandem::bench {

struct LoadResult {
  uint64_t leads = 0;
  // From the beginning until all their commits were made.
  double seconds = 0;
  uint64_t commits = 0;
  std::map<std::string, Cpu> cpu;           // by part
  std::map<std::string, ServiceWork> work;  // by service, of the product
  // Open loop only: milliseconds from the time at which a lead was to be sent.
  std::vector<double> stored_ms;    // until it was answered
  std::vector<double> assigned_ms;  // until LeadAssigned was read from the topic
};

class Load {
 public:
  // `commits_of_a_lead` tells when everything is done.
  Load(System& system, Watch& watch, uint64_t commits_of_a_lead);

  // So many a second, whatever the answers do.
  Result<LoadResult> open_loop(double rate, std::chrono::seconds duration);
  // At most `outstanding` leads that are not assigned yet, at any time.
  Result<LoadResult> closed_loop(uint64_t outstanding, std::chrono::seconds duration);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void send(Time intended, bool keep);
  Result<LoadResult> measured(const std::function<void()>& send_all, bool keep);
  // Waits until all that was sent since the last call has had all its effects.
  Status settle(uint64_t commits_before, uint64_t leads);
  Result<uint64_t> commits();

  System& system_;
  Watch& watch_;
  const uint64_t commits_of_a_lead_;
  const std::string run_;
  rpc::AsyncCaller caller_;
  rpc::CallOptions call_;
  uint64_t sent_ = 0;
  uint64_t refused_ = 0;
  std::string why_;
  std::map<std::string, Time> intended_;
  std::vector<double> stored_ms_;
};

}  // namespace tandem::bench
