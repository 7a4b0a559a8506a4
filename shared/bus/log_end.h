// Where a log ends: the last event of each partition of a topic. Compared with Redis when a service starts, so that a
// Redis that is not the one that wrote this log gives no number twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/bus/log.h"
#include "shared/bus/reader_rule.h"

namespace tandem::bus {

// One cursor a partition: offset = the log's end, generation and n = those of its last event, 0 where there is none.
// Reads one record a partition. UNAVAILABLE if the brokers do not answer within `timeout`, in all.
Result<std::vector<Cursor>> log_ends(Log& log, const std::string& topic, uint32_t partitions, Millis timeout);

}  // namespace tandem::bus
