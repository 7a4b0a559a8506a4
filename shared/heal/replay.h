// One partition's records, read from the beginning or from a cursor that is known to be right, and judged by the
// reader's rule. Pure: who has the records gives them in the order of the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/bus/envelope.h"
#include "shared/bus/log.h"
#include "shared/bus/reader_rule.h"

namespace tandem::heal {

// From where a partition is read.
struct ReplayStart {
  bus::Cursor cursor;
  // What must stand at cursor.offset - 1, if not empty: an event's version or a fence's nonce. It is read first.
  std::string anchor;

  uint64_t offset() const { return anchor.empty() ? cursor.offset : cursor.offset - 1; }
};

class Replay {
 public:
  Replay(std::string installation, ReplayStart start) : installation_(std::move(installation)), start_(start) {
    cursor_ = start_.cursor;
  }

  // What a record is to a reader.
  struct Seen {
    std::optional<bus::EventRecord> event;  // accepted: the next one
    std::optional<std::string> fence;       // it counts; its nonce
  };
  // DATA_LOSS where events are missing; FAILED_PRECONDITION where the log is not the one that belongs to the cursor:
  // another installation's, or something else stands before it. All in words. The cursor has not moved then.
  Result<Seen> take(const bus::LogRecord& record);

  const bus::Cursor& cursor() const { return cursor_; }
  // The offset that is to be read next.
  uint64_t next() const { return anchored_ ? cursor_.offset : start_.offset(); }
  bool from_the_beginning() const { return start_.cursor == bus::Cursor{}; }

 private:
  Status check_anchor(const bus::LogRecord& record, const bus::Decoded& decoded);

  std::string installation_;
  ReplayStart start_;
  bus::Cursor cursor_;
  bool anchored_ = start_.anchor.empty();
};

}  // namespace tandem::heal
