// When leads can be seen to be assigned: reads sales' topic, on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "shared/base/result.h"
#include "shared/bus/kafka_log.h"
#include "tests/bench/driver/system.h"

namespace tandem::bench {

class Watch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // From the end of the topic as it is now. `system` must outlive it.
  static Result<std::unique_ptr<Watch>> open(const System& system);
  ~Watch();

  uint64_t assigned() const { return assigned_; }
  // By lead; empties it.
  std::unordered_map<std::string, Time> take();

 private:
  explicit Watch(const System& system);
  Status start();
  Result<uint64_t> end_of(const bus::TopicPartition& partition);
  void run();

  const System& system_;
  bus::KafkaLog log_;
  std::unique_ptr<bus::LogReader> reader_;
  std::atomic<uint64_t> assigned_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, Time> seen_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tandem::bench
