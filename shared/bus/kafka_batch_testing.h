// Looks at a record batch as it lies on a broker, by Kafka's protocol alone, for tests that must not trust the client.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::bus {

struct FetchedBatch {
  int magic = 0;
  int codec = 0;  // 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
  uint32_t bytes = 0;
};

// The first batch of a partition. Throws std::runtime_error if there is none, or no such broker.
FetchedBatch fetch_batch(const std::string& bootstrap_server, const std::string& topic, int32_t partition);

}  // namespace tandem::bus
