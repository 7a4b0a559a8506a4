// Reads all partitions of some topics from the beginning, on a thread of its own, into a queue.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/plan.h"

namespace tandem::bench {

struct ConsumedRecord {
  Cause event = Cause::kRequest;
  std::string lead;
  std::string service;  // whose topic
  uint32_t partition = 0;
  uint64_t n = 0;
};

class Consumer {
 public:
  // `on_records` is called by its thread when the queue was empty before.
  Consumer(const std::string& kafka, const std::vector<std::string>& services, uint32_t shards,
           std::function<void()> on_records);
  ~Consumer();

  // Appends at most `limit` of what is there.
  void take(std::vector<ConsumedRecord>& into, size_t limit);

 private:
  void run();

  rd_kafka_t* handle_ = nullptr;
  std::function<void()> on_records_;
  std::mutex mutex_;
  std::vector<ConsumedRecord> queue_;
  size_t taken_ = 0;  // of the queue's front
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

std::string floor_topic(std::string_view service);

}  // namespace tandem::bench
