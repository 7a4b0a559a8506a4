// Topics on the benchmark's broker: made anew for each run, so that all runs begin alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace tandem::bench {

// Deletes those that are there, and returns when they are gone.
Status delete_topics(const std::string& kafka, const std::vector<std::string>& topics);
// Returns when the broker knows them.
Status create_topics(const std::string& kafka, const std::vector<std::string>& topics, uint32_t partitions);

}  // namespace tandem::bench
