#include "shared/heal/replay.h"

#include <utility>
#include <variant>

namespace tandem::heal {
namespace {

std::string place_of(const bus::LogRecord& record) {
  return record.topic + "[" + std::to_string(record.partition) + "]";
}

const std::string& installation_of(const bus::Decoded& decoded) {
  const auto* fence = std::get_if<bus::FenceRecord>(&decoded);
  return fence != nullptr ? fence->installation : std::get<bus::EventRecord>(decoded).envelope.installation();
}

// By what a record is known: see ReplayStart.
const std::string& identity_of(const bus::Decoded& decoded) {
  const auto* fence = std::get_if<bus::FenceRecord>(&decoded);
  return fence != nullptr ? fence->fence.nonce() : std::get<bus::EventRecord>(decoded).envelope.version();
}

}  // namespace

Status Replay::check_anchor(const bus::LogRecord& record, const bus::Decoded& decoded) {
  if (record.offset == start_.offset() && identity_of(decoded) == start_.anchor) return {};
  return make_error(Code::kFailedPrecondition, place_of(record) +
                                                   " is not the log that this Redis has published to: at offset " +
                                                   std::to_string(start_.offset()) +
                                                   " stands something else than what Redis has noted; use the "
                                                   "Kafka, or the Redis, that belong together");
}

Result<Replay::Seen> Replay::take(const bus::LogRecord& record) {
  auto decoded = bus::decode(record);
  if (anchored_ && record.offset < cursor_.offset) return Seen{};
  if (!decoded.ok()) {
    // None of ours, or damaged: then the next event's number says that one is missing.
    if (!anchored_) return decoded.error();
    cursor_.offset = record.offset + 1;
    return Seen{};
  }
  if (installation_of(*decoded) != installation_) {
    return make_error(Code::kFailedPrecondition, place_of(record) + " holds events of the installation \"" +
                                                     installation_of(*decoded) + "\", not of \"" + installation_ +
                                                     "\"; use its Redis, or a Kafka (or topics) of your own");
  }
  if (!anchored_) {
    TANDEM_RETURN_IF_ERROR(check_anchor(record, *decoded));
    anchored_ = true;
    return Seen{};
  }
  if (auto* fence = std::get_if<bus::FenceRecord>(&*decoded)) {
    const auto verdict = bus::judge_fence(cursor_, record.offset, fence->fence.ends());
    if (verdict != bus::Verdict::kFence) return Seen{};
    return Seen{std::nullopt, std::move(*fence->fence.mutable_nonce())};
  }
  auto& event = std::get<bus::EventRecord>(*decoded);
  const auto& position = event.envelope.position();
  switch (bus::judge_event(cursor_, record.offset, position.generation(), position.number())) {
    case bus::Verdict::kAccept:
      return Seen{std::move(event), std::nullopt};
    case bus::Verdict::kGap:
      return make_error(Code::kDataLoss, "events are missing in " + place_of(record) + ": event " +
                                             std::to_string(cursor_.n + 1) + " should be next at offset " +
                                             std::to_string(cursor_.offset) + ", but event " +
                                             std::to_string(position.number()) + " of generation " +
                                             std::to_string(position.generation()) + " follows");
    default:
      return Seen{};
  }
}

}  // namespace tandem::heal
