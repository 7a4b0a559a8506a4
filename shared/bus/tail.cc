#include "shared/bus/tail.h"

#include <algorithm>
#include <utility>

namespace tandem::bus {

Result<std::unique_ptr<Tail>> Tail::open(Log& log, const std::vector<std::string>& services, const TailStart& start,
                                         Millis timeout) {
  std::unique_ptr<Tail> tail(new Tail);
  TANDEM_ASSIGN_OR_RETURN(const auto admin, log.make_admin());
  TANDEM_ASSIGN_OR_RETURN(tail->reader_, log.make_reader({}));
  StartOffsets offsets;
  for (const std::string& service : services) {
    TANDEM_RETURN_IF_ERROR(tail->add(*admin, service, start, timeout, offsets));
  }
  TANDEM_RETURN_IF_ERROR(tail->reader_->start(offsets));
  return tail;
}

Status Tail::add(LogAdmin& admin, const std::string& service, const TailStart& start, Millis timeout,
                 StartOffsets& offsets) {
  const std::string topic = events_topic(service);
  TANDEM_ASSIGN_OR_RETURN(const TopicDescription description, admin.describe(topic, timeout));
  for (uint32_t partition = 0; partition < description.partitions; ++partition) {
    const Source source{service, partition};
    TANDEM_ASSIGN_OR_RETURN(const Watermarks marks, reader_->watermarks({topic, partition}, timeout));
    LooseCursor cursor{Cursor{}};
    if (start.from == TailStart::From::kNow) cursor = LooseCursor::at(marks.high);
    if (const auto kept = start.cursors.find(source);
        start.from == TailStart::From::kCursors && kept != start.cursors.end()) {
      const bool only_offset = kept->second.offset != 0 && kept->second.generation == 0;
      cursor = only_offset ? LooseCursor::at(kept->second.offset) : LooseCursor(kept->second);
    }
    const uint64_t offset = cursor.cursor().offset;
    cursors_.emplace(source, cursor);
    offsets.emplace_back(TopicPartition{topic, partition}, offset);
    if (offset < marks.high && marks.low < marks.high) behind_[source] = marks.high;
  }
  return {};
}

Result<std::optional<ConsumedEvent>> Tail::next(Millis timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (const auto record = std::exchange(after_gap_, std::nullopt)) {
    auto judged = judge(*record);
    if (!judged.ok() || judged->has_value()) return judged;
  }
  while (true) {
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    const ReaderEvent event = reader_->poll(std::max(left, Millis(0)));
    if (event.kind == ReaderEvent::Kind::kError) return *event.error;
    if (event.kind == ReaderEvent::Kind::kRecord) {
      const bool was_behind = !at_end();
      auto judged = judge(event.record);
      if (!judged.ok() || judged->has_value()) return judged;
      if (was_behind && at_end()) return judged;  // a fence is the last: who reads to the end need not wait for more
    }
    if (event.kind == ReaderEvent::Kind::kNone && left <= Millis(0)) return std::optional<ConsumedEvent>();
  }
}

Result<std::optional<ConsumedEvent>> Tail::judge(const LogRecord& record) {
  TANDEM_ASSIGN_OR_RETURN(const std::string service, service_of_topic(record.topic));
  const Source source{service, record.partition};
  const auto found = cursors_.find(source);
  if (found == cursors_.end()) return std::optional<ConsumedEvent>();
  if (const auto end = behind_.find(source); end != behind_.end() && record.offset + 1 >= end->second) {
    behind_.erase(end);
  }
  TANDEM_ASSIGN_OR_RETURN(Decoded decoded, decode(record));
  if (const auto* fence = std::get_if<FenceRecord>(&decoded)) {
    found->second.fence(record.offset, fence->fence.ends());
    return std::optional<ConsumedEvent>();
  }
  auto& event = std::get<EventRecord>(decoded);
  const uint64_t generation = event.envelope.position().generation();
  const uint64_t n = event.envelope.position().number();
  const Cursor before = found->second.cursor();
  const Verdict verdict = found->second.event(record.offset, generation, n);
  if (verdict == Verdict::kGap) {
    found->second = LooseCursor::at(record.offset);
    after_gap_ = record;
    return make_error(Code::kDataLoss, "Events are missing in " + record.topic + "[" +
                                           std::to_string(record.partition) + "]: " + std::to_string(before.n + 1) +
                                           " should be next, " + std::to_string(n) + " is.");
  }
  if (verdict != Verdict::kAccept) return std::optional<ConsumedEvent>();
  return std::optional(
      ConsumedEvent{source, record.offset, generation, n, std::move(event.envelope), std::move(event.payload)});
}

std::map<Source, Cursor> Tail::cursors() const {
  std::map<Source, Cursor> cursors;
  for (const auto& [source, cursor] : cursors_) cursors[source] = cursor.cursor();
  return cursors;
}

}  // namespace tandem::bus
