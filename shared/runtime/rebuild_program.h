// tandem-<service> --rebuild [--verify]: the service's state from its log, beside the live data
// (shared/heal/rebuild.h).
#pragma once

#include "shared/aggregate/service_definition.h"
#include "shared/bus/kafka_log.h"
#include "shared/runtime/config.h"
#include "shared/store/redis_options.h"

namespace tandem::runtime {

// Says on standard output, a line of JSON each, how far it is ({"progress":{"done":…,"total":…,"shard":…}}), what
// differs ({"difference":{…}}), and at the end {"report":{…}}: what was compared, and how long it took, of which
// "fold_…" is the reading and folding of the log. With `verify` nothing is changed. FAILED_PRECONDITION if something
// differs and was not put right.
Status rebuild(const Config& config, const ServiceDefinition& definition, const store::RedisOptions& redis,
               const bus::KafkaOptions& kafka, bool verify);

}  // namespace tandem::runtime
