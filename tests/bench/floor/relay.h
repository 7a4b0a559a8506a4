// Brings a service's outbox to its topic: waits for entries and for acknowledgements at once, reads by the product's
// function, publishes in order with the idempotent producer, trims what Kafka has. One thread.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/floor/redis.h"
#include "tests/bench/plan.h"

namespace tandem::bench {

class FloorRelay {
 public:
  // Returns when the producer has its id.
  FloorRelay(const std::string& service, uint16_t redis_port, const std::string& kafka, uint32_t shards);
  ~FloorRelay();

 private:
  struct Shard {
    uint64_t last_read = 0;
    uint64_t acknowledged = 0;
    uint64_t offset = 0;  // of the last that was acknowledged
    uint64_t trimmed = 0;
  };

  void make_producer(const std::string& kafka);
  void run();
  void wait_for_entries();
  std::vector<uint32_t> ready_shards();
  void publish(const std::vector<uint32_t>& ready);
  void produce(uint32_t shard, uint64_t n, std::string_view record);
  void trim();
  std::string key(uint32_t shard, std::string_view name) const { return shard_key(service_, shard, name); }

  const std::string service_;
  const std::string other_headers_ = std::string(kOtherHeaderBytes, 'x');
  Redis blocked_;  // in XREAD BLOCK
  Redis redis_;
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  int event_ = -1;  // readable when the producer has deliveries
  bool has_producer_id_ = false;
  std::vector<Shard> shards_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tandem::bench
