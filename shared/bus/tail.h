// Follows the events of services live, for people: `tandem events tail`. Reads every partition, without a group, by the
// reader's rule.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/bus/log.h"
#include "shared/bus/reader_rule.h"
#include "shared/bus/subscription.h"

namespace tandem::bus {

struct TailStart {
  enum class From { kBeginning, kNow, kCursors };
  From from = From::kNow;
  // With kCursors; partitions that are not named are read from the beginning. Of a cursor that is an offset only,
  // generation and number are taken from the first event there.
  std::map<Source, Cursor> cursors;
};

class Tail {
 public:
  // UNAVAILABLE if the brokers do not answer within the timeout, NOT_FOUND for a service without a topic.
  static Result<std::unique_ptr<Tail>> open(Log& log, const std::vector<std::string>& services, const TailStart& start,
                                            Millis timeout);

  // The next event; none within the timeout. DATA_LOSS at a gap: said once, then the partition goes on behind it.
  // Other errors pass by themselves.
  Result<std::optional<ConsumedEvent>> next(Millis timeout);
  // True if everything that the partitions had when the tail was opened has been read.
  bool at_end() const { return behind_.empty(); }
  std::map<Source, Cursor> cursors() const;

 private:
  Tail() = default;
  Status add(LogAdmin& admin, const std::string& service, const TailStart& start, Millis timeout,
             StartOffsets& offsets);
  Result<std::optional<ConsumedEvent>> judge(const LogRecord& record);

  std::unique_ptr<LogReader> reader_;
  std::map<Source, LooseCursor> cursors_;
  std::map<Source, uint64_t> behind_;  // offset at which the source counts as read
  std::optional<LogRecord> after_gap_;
};

}  // namespace tandem::bus
