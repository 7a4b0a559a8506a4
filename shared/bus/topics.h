// Start-up checks of a service's topics.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/bus/log.h"

namespace tandem::bus {

// How the remedies below begin that are a command of Kafka. Whoever knows the brokers may put theirs in its place.
inline constexpr std::string_view kConfigsCommand = "kafka-configs.sh --bootstrap-server HOST:PORT";

// Makes the topics that are missing (the service's events and dead letters, the events of its sources) with exactly
// `shards` partitions, kept for ever. FAILED_PRECONDITION, saying what to do, for a topic with another number of
// partitions, with compaction or with retention; UNAVAILABLE if the broker does not answer within `timeout` (in all).
Status prepare_topics(LogAdmin& admin, const std::string& service, std::span<const std::string> sources,
                      uint32_t shards, Millis timeout);

// Only looks.
Status check_topic(LogAdmin& admin, const std::string& topic, uint32_t shards, Millis timeout);

}  // namespace tandem::bus
