// Events on the log: CloudEvents 1.0 in Kafka's binary mode, and back.
//
//   key      the aggregate's id
//   value    the event's message
//   headers  ce_specversion, ce_id, ce_type, ce_source ("/tandem/<installation>/<service>"), ce_subject (the
//            aggregate's id), ce_time (when it happened), ce_sequence (the number, 20 digits, so that text order is its
//            order), ce_partitionkey, ce_traceparent, ce_generation, ce_causationid (id of the event or request that
//            caused it), content-type, and `tandem`: the serialised exchange.v1.Envelope, which is what Tandem itself
//            reads.
//
// A fence is a record with ce_type tandem.exchange.v1.Fence; it has no number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "shared/aggregate/store.h"
#include "shared/base/result.h"
#include "shared/bus/log.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::bus {

inline constexpr char kEnvelopeHeader[] = "tandem";

// "tandem.sales.events", "tandem.sales.dead-letters", the consumer group "tandem.sales".
std::string events_topic(std::string_view service);
std::string dead_letters_topic(std::string_view service);
std::string consumer_group(std::string_view service);
// "sales" for "tandem.sales.events"; INVALID_ARGUMENT for another name.
Result<std::string> service_of_topic(std::string_view topic);

struct EventRecord {
  exchange::v1::Envelope envelope;
  std::string payload;
};

struct FenceRecord {
  std::string installation;
  exchange::v1::Fence fence;
};

using Decoded = std::variant<EventRecord, FenceRecord>;

// An outbox entry, stamped: with its number, its carried marks and the generation that was read in the same step.
// DATA_LOSS if the entry's record cannot be parsed, or says that it belongs to another service or shard.
Result<EventRecord> stamp(const std::string& service, uint32_t shard, uint64_t generation, const OutboxEntry& entry);

Record encode(const EventRecord& event);
Record encode_fence(const std::string& installation, const std::string& service, uint32_t shard,
                    const exchange::v1::Fence& fence, Instant now);

// INVALID_ARGUMENT in words for anything that is not an event or a fence of Tandem's; never trusts a byte of it.
Result<Decoded> decode(const LogRecord& record);

}  // namespace tandem::bus
