#include "shared/bus/envelope.h"

#include <cstdio>

#include "shared/aggregate/convert.h"
#include "shared/base/teeth.h"
#include "shared/base/time.h"

namespace tandem::bus {
namespace {

using exchange::v1::Cause;
using exchange::v1::Envelope;
using exchange::v1::Fence;

constexpr std::string_view kPrefix = "tandem.";
constexpr std::string_view kEvents = ".events";
constexpr std::string_view kFenceType = "tandem.exchange.v1.Fence";

std::string topic_name(std::string_view service, std::string_view what) {
  return std::string(kPrefix).append(service).append(what);
}

std::string sequence(uint64_t n) {
  char text[24];
  std::snprintf(text, sizeof text, "%020llu", static_cast<unsigned long long>(n));
  return text;
}

std::string causation(const Cause& cause) {
  switch (cause.kind_case()) {
    case Cause::kRequest:
      return cause.request().request_id();
    case Cause::kEvent:
      return cause.event().event_id();
    default:
      return "";
  }
}

Record with_headers(const Envelope& envelope) {
  const auto& position = envelope.position();
  Record record;
  auto add = [&record](std::string_view name, std::string value) {
    if (!value.empty()) record.headers.emplace_back(name, std::move(value));
  };
  add("ce_specversion", "1.0");
  add("ce_id", envelope.event_id());
  add("ce_type", envelope.event_type());
  add("ce_source", "/tandem/" + envelope.installation() + "/" + position.service());
  add("ce_subject", envelope.aggregate_id());
  if (envelope.has_occurred_at()) add("ce_time", format_instant(to_instant(envelope.occurred_at())));
  if (position.number() != 0) add("ce_sequence", sequence(position.number()));
  add("ce_partitionkey", envelope.aggregate_id());
  add("ce_traceparent", envelope.traceparent());
  add("ce_generation", std::to_string(position.generation()));
  add("ce_causationid", causation(envelope.cause()));
  add("content-type", "application/protobuf");
  add(kEnvelopeHeader, envelope.SerializeAsString());
  record.key = envelope.aggregate_id();
  return record;
}

std::string place_of(const LogRecord& record) {
  return record.topic + "[" + std::to_string(record.partition) + "] offset " + std::to_string(record.offset);
}

Error malformed(const LogRecord& record, const std::string& reason) {
  return make_error(Code::kInvalidArgument, "The record at " + place_of(record) + " " + reason +
                                                "; find out who else writes to this topic, and stop it.");
}

Status check_position(const LogRecord& record, const Envelope& envelope) {
  const auto& position = envelope.position();
  TANDEM_ASSIGN_OR_RETURN(const std::string service, service_of_topic(record.topic));
  if (position.service() != service || position.shard() != record.partition) {
    return malformed(record,
                     "says that it belongs to " + position.service() + " shard " + std::to_string(position.shard()));
  }
  return {};
}

}  // namespace

std::string events_topic(std::string_view service) { return topic_name(service, kEvents); }
std::string dead_letters_topic(std::string_view service) { return topic_name(service, ".dead-letters"); }
std::string consumer_group(std::string_view service) { return topic_name(service, ""); }

Result<std::string> service_of_topic(std::string_view topic) {
  if (topic.size() <= kPrefix.size() + kEvents.size() || !topic.starts_with(kPrefix) || !topic.ends_with(kEvents)) {
    return invalid("topic", "\"" + std::string(topic) + "\" is not a topic of events", "use tandem.<service>.events");
  }
  return std::string(topic.substr(kPrefix.size(), topic.size() - kPrefix.size() - kEvents.size()));
}

Result<EventRecord> stamp(const std::string& service, uint32_t shard, uint64_t generation, const OutboxEntry& entry) {
  const std::string where =
      "Entry " + std::to_string(entry.n) + " of the outbox of " + service + " shard " + std::to_string(shard);
  exchange::v1::OutboxRecord record;
  if (!record.ParseFromString(entry.record)) {
    return make_error(Code::kDataLoss, where + " cannot be parsed; compare the versions of the replicas.");
  }
  EventRecord event{std::move(*record.mutable_envelope()), std::move(*record.mutable_payload())};
  auto& position = *event.envelope.mutable_position();
  // The commit may leave the position to us, but must not contradict us.
  if (!position.service().empty() && (position.service() != service || position.shard() != shard)) {
    return make_error(Code::kDataLoss,
                      where + " belongs to " + position.service() + " shard " + std::to_string(position.shard()) + ".");
  }
  position.set_service(service);
  position.set_shard(shard);
  if (!TANDEM_TOOTH(kE03)) position.set_generation(generation);
  position.set_number(entry.n);
  event.envelope.clear_carried_marks();
  for (const auto& [source, mark] : entry.carried_marks) {
    auto& carried = *event.envelope.add_carried_marks();
    carried.set_service(source.service);
    carried.set_partition(source.partition);
    carried.set_number(mark.n);
    carried.set_k(mark.k);
  }
  return event;
}

Record encode(const EventRecord& event) {
  Record record = with_headers(event.envelope);
  record.value = event.payload;
  return record;
}

Record encode_fence(const std::string& installation, const std::string& service, uint32_t shard, const Fence& fence,
                    Instant now) {
  Envelope envelope;
  envelope.set_installation(installation);
  envelope.set_event_id(fence.nonce());
  envelope.set_event_type(std::string(kFenceType));
  envelope.mutable_position()->set_service(service);
  envelope.mutable_position()->set_shard(shard);
  envelope.mutable_position()->set_generation(fence.ends());
  *envelope.mutable_occurred_at() = to_timestamp(now);
  *envelope.mutable_recorded_at() = to_timestamp(now);
  Record record = with_headers(envelope);
  record.value = fence.SerializeAsString();
  return record;
}

Result<Decoded> decode(const LogRecord& record) {
  const std::string* header = record.record.header(kEnvelopeHeader);
  if (header == nullptr) return malformed(record, "has no header \"tandem\"");
  Envelope envelope;
  if (!envelope.ParseFromString(*header)) return malformed(record, "has a header \"tandem\" that cannot be parsed");
  TANDEM_RETURN_IF_ERROR(check_position(record, envelope));
  if (envelope.event_type() == kFenceType) {
    FenceRecord fence{envelope.installation(), {}};
    if (!fence.fence.ParseFromString(record.record.value)) return malformed(record, "is a fence that cannot be parsed");
    return Decoded(std::move(fence));
  }
  if (envelope.position().number() == 0 || envelope.position().generation() == 0) {
    return malformed(record, "has no number or no generation");
  }
  return Decoded(EventRecord{std::move(envelope), record.record.value});
}

}  // namespace tandem::bus
