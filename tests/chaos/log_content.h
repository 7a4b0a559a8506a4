// The whole log as a reader sees it, by what the clients can know of it; and what is wrong in it alone, whatever
// anybody was told.
//
// The reader's rule has judged it: within a shard numbers are dense, over all generations, so what is missing or stands
// in another order is a problem here. That an aggregate's events are in order follows, as they are all in one shard.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/bus/tail.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {

struct LogContent {
  std::map<std::string, std::vector<std::string>> by_request;     // ids of events that a request caused
  std::map<std::string, std::vector<std::string>> by_type;        // their aggregates
  std::map<std::string, int> events;                              // by id
  std::map<std::string, int> entries;                             // booked in ledgers, by id
  std::map<std::string, std::map<std::string, int64_t>> ledgers;  // minor units of their accounts
  std::vector<std::string> problems;                              // in words

  void add(const bus::ConsumedEvent& event, uint32_t shards);
};

// UNAVAILABLE if the broker gives less than there is.
Result<LogContent> read_log(World& world);

}  // namespace tandem::chaos
