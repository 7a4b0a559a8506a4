#include "shared/bus/log_end.h"

#include <algorithm>
#include <chrono>
#include <variant>

#include "shared/bus/envelope.h"

namespace tandem::bus {
namespace {

using SteadyClock = std::chrono::steady_clock;

Millis left_until(SteadyClock::time_point deadline) {
  return std::max(Millis(1), std::chrono::duration_cast<Millis>(deadline - SteadyClock::now()));
}

}  // namespace

Result<std::vector<Cursor>> log_ends(Log& log, const std::string& topic, uint32_t partitions, Millis timeout) {
  const auto deadline = SteadyClock::now() + timeout;
  TANDEM_ASSIGN_OR_RETURN(auto reader, log.make_reader({}));
  std::vector<Cursor> ends(partitions);
  StartOffsets last;
  for (uint32_t p = 0; p < partitions; p++) {
    TANDEM_ASSIGN_OR_RETURN(const Watermarks marks, reader->watermarks({topic, p}, left_until(deadline)));
    ends[p].offset = marks.high;
    if (marks.high > marks.low) last.push_back({{topic, p}, marks.high - 1});
  }
  if (last.empty()) return ends;
  TANDEM_RETURN_IF_ERROR(reader->start(last));
  size_t unread = last.size();
  while (unread > 0) {
    if (SteadyClock::now() >= deadline) {
      return make_error(Code::kUnavailable, "the end of " + topic + " cannot be read; is the bus there?");
    }
    const ReaderEvent event = reader->poll(std::min(left_until(deadline), Millis(200)));
    if (event.kind != ReaderEvent::Kind::kRecord) continue;
    Cursor& end = ends[event.record.partition];
    if (event.record.offset + 1 != end.offset) continue;
    unread--;
    const auto decoded = decode(event.record);
    if (!decoded.ok()) continue;
    if (const auto* record = std::get_if<EventRecord>(&*decoded)) {
      end.generation = record->envelope.position().generation();
      end.n = record->envelope.position().number();
    }
  }
  return ends;
}

}  // namespace tandem::bus
