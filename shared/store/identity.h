// Whose data a store holds. Checked when a shard is opened, so that two installations, or two services, can not share
// data by mistake.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::store {

struct StoreIdentity {
  // Given at the installation's first start.
  std::string installation = {};
  std::string service = {};
  // Fixed at installation; equal to the number of partitions of the service's topic.
  uint32_t shards = 16;
};

}  // namespace tandem::store
