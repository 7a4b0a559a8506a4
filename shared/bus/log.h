// The port to the log: partitioned topics of records. Two implementations: Kafka (kafka_log.h) and memory
// (memory_log.h). A Log makes handles; a handle belongs to one thread at a time.
//
// Offsets are those of the log; "next offset" is always the offset of the record that would be read next.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem::bus {

using Millis = std::chrono::milliseconds;

struct TopicPartition {
  std::string topic;
  uint32_t partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
};

// What is written. Headers keep their order; a name may occur once.
struct Record {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;

  // Null if there is no such header.
  const std::string* header(std::string_view name) const;

  bool operator==(const Record&) const = default;
};

// Of a record that a dying writer's repetition may have written: it is there, but who knows where.
inline constexpr uint64_t kUnknownOffset = UINT64_MAX;

// What became of a record that was given to a writer.
struct Delivery {
  std::string topic;
  uint32_t partition = 0;
  uint64_t opaque = 0;
  uint64_t offset = 0;
  // Set: it was not written, or nobody knows; a writer whose order matters must be given up then.
  std::optional<Error> error;
};

// An idempotent producer: acks=all, in order within a partition for as long as it lives.
class LogWriter {
 public:
  struct Poll {
    std::vector<Delivery> deliveries;
    // The writer is of no use any more. This is routine with idempotent producers: make a new one, and write again
    // what was not acknowledged.
    std::optional<Error> fatal;
  };

  virtual ~LogWriter() = default;

  // Gets everything ready that the first record would have to wait for (producer id, leaders of the topics); up to 2 s
  // on Kafka. UNAVAILABLE if that takes longer than `timeout`; it may be called again.
  virtual Status warm(std::span<const std::string> topics, Millis timeout) = 0;
  // True: taken, a Delivery with `opaque` follows (unless the writer dies before). False: the queue is full, poll and
  // try again. An error: the record can never be written (too large, no such partition), or the writer is dead.
  virtual Result<bool> produce(const std::string& topic, uint32_t partition, const Record& record, uint64_t opaque) = 0;
  // Deliveries since the last call; waits up to `timeout` for the first.
  virtual Poll poll(Millis timeout) = 0;
  // Has `wake` called, from any thread, whenever poll() has something to give after it had nothing. False: this writer
  // can not, poll it.
  virtual bool on_deliveries(std::function<void()> wake) {
    (void)wake;
    return false;
  }
};

struct LogRecord {
  std::string topic;
  uint32_t partition = 0;
  uint64_t offset = 0;
  Record record;
};

struct Watermarks {
  uint64_t low = 0;   // offset of the oldest record that is kept
  uint64_t high = 0;  // offset that the next record will get
};

// What a reader has to say.
struct ReaderEvent {
  enum class Kind {
    kNone,            // nothing within the time
    kRecord,          // `record`
    kAssigned,        // the group gave us `partitions`: answer with start()
    kRevoked,         // the group takes `partitions` (all) away: finish, then answer with release()
    kEndOfPartition,  // `partitions`: everything up to `offset` was read; only if asked for in ReaderOptions
    kError,           // `error` will pass by itself: brokers away, topic not yet there
  };
  Kind kind = Kind::kNone;
  LogRecord record;
  std::vector<TopicPartition> partitions;
  uint64_t offset = 0;
  std::optional<Error> error;
};

using StartOffsets = std::vector<std::pair<TopicPartition, uint64_t>>;

// A consumer, either in a group (subscribe) or of partitions of its own choice (start).
class LogReader {
 public:
  virtual ~LogReader() = default;

  // Joins a group; partitions come as kAssigned, in eager range assignment: every change takes all away first.
  virtual Status subscribe(const std::vector<std::string>& topics, const std::string& group) = 0;
  // Reads these from the offsets given; answers a kAssigned, or stands alone. An offset that the log no longer has
  // reads on at the oldest record that it has: the reader's rule notices what is missing.
  virtual Status start(const StartOffsets& offsets) = 0;
  // Answers a kRevoked.
  virtual void release() = 0;
  // A record with an envelope may come without its other headers.
  virtual ReaderEvent poll(Millis timeout) = 0;

  virtual Status seek(const TopicPartition& partition, uint64_t offset) = 0;
  virtual void pause(std::span<const TopicPartition> partitions) = 0;
  virtual void resume(std::span<const TopicPartition> partitions) = 0;
  // So that Kafka's tools can show the lag; never where reading begins. Does not wait.
  virtual void commit(const TopicPartition& partition, uint64_t next_offset) = 0;
  // Asks the broker; UNAVAILABLE after the timeout. With a timeout of 0: as the last fetch said, without asking.
  virtual Result<Watermarks> watermarks(const TopicPartition& partition, Millis timeout) = 0;
};

struct ReaderOptions {
  bool end_of_partition = false;
  // For who reads much and then something else. A fetch that has nothing to give waits at the broker for more, and the
  // next partition waits behind it: here only for some milliseconds.
  bool bulk = false;
};

struct TopicDescription {
  uint32_t partitions = 0;
  // Of topics on a broker that can tell; absent on the embedded one.
  std::optional<std::string> cleanup_policy;
  std::optional<int64_t> retention_ms;     // -1 = for ever
  std::optional<int64_t> retention_bytes;  // -1 = no limit
};

class LogAdmin {
 public:
  virtual ~LogAdmin() = default;

  // Kept for ever, never compacted. OK if it is there already, whatever it is like: describe() tells.
  // UNIMPLEMENTED in words on the embedded broker, which makes its topics when it starts.
  virtual Status create_topic(const std::string& topic, uint32_t partitions, Millis timeout) = 0;
  // NOT_FOUND if there is no such topic.
  virtual Result<TopicDescription> describe(const std::string& topic, Millis timeout) = 0;
};

// One log: makes handles, from any thread.
class Log {
 public:
  virtual ~Log() = default;

  virtual Result<std::unique_ptr<LogWriter>> make_writer() = 0;
  virtual Result<std::unique_ptr<LogReader>> make_reader(ReaderOptions options) = 0;
  virtual Result<std::unique_ptr<LogAdmin>> make_admin() = 0;
  // How much is kept, and what to do about it: the end of the sentence by which a gap is reported.
  virtual std::string retention_advice() const = 0;
};

}  // namespace tandem::bus
