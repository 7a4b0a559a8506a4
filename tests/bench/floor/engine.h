// The floor's batch: load, decide nothing, commit, each one pipeline, by the product's commit function.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/bench/floor/consumer.h"
#include "tests/bench/floor/redis.h"
#include "tests/bench/plan.h"

namespace tandem::bench {

// One commit to be made.
struct Work {
  const Step* step = nullptr;
  std::string lead;
  std::string request_id;  // of a request
  ConsumedRecord source;   // of a consumed record
  uint64_t k = 0;
};

// A lead's key, from the bytes of the request that raises it.
std::string lead_of_request(std::string_view request);

class FloorEngine {
 public:
  FloorEngine(std::string service, uint16_t redis_port, uint32_t shards, uint32_t teams);

  Work of_request(std::string_view request) const;
  // The commits that a record causes here.
  void add_caused(const ConsumedRecord& record, std::vector<Work>& into) const;
  // All of them, in order. Fails if one is refused: the floor has no rivals.
  void execute(const std::vector<Work>& batch);

 private:
  using Version = std::array<char, 16>;
  struct Target {
    std::string key;
    uint32_t shard = 0;
    std::string version;  // as loaded, then as made by this batch
  };

  Target target_of(const Work& work) const;
  void load(const std::vector<Work>& batch);
  Arguments commit(const Work& work, Target& target);
  std::string draw_version();

  const std::string service_;
  Redis redis_;
  const uint32_t shards_;
  const uint32_t teams_;
  std::unordered_map<std::string, Target> targets_;  // of the batch, by key
  std::vector<Target*> target_of_work_;
  // The last mark by target shard and source partition.
  std::map<std::pair<uint32_t, std::string>, std::string> marks_;
  uint64_t random_;
};

}  // namespace tandem::bench
