// The log in memory, for tests and simulation: deterministic when stepped by one thread, safe with several. Groups with
// eager range assignment, and faults on request. Handles share a MemoryBroker, which must outlive them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "shared/bus/log.h"

namespace tandem::bus {

class MemoryBroker {
 public:
  // What is kept of a partition, in records; the oldest are dropped silently, as the embedded broker does. 0 = all.
  explicit MemoryBroker(uint64_t keep = 0) : keep_(keep) {}

  void create_topic(const std::string& topic, uint32_t partitions);
  // 0 = no such topic.
  uint32_t partitions(const std::string& topic) const;
  // All that is kept of a partition, in order.
  std::vector<LogRecord> records(const std::string& topic, uint32_t partition) const;
  Result<Watermarks> watermarks(const TopicPartition& partition) const;
  Result<uint64_t> append(const std::string& topic, uint32_t partition, const Record& record);

  // Faults.
  // Writers keep what they are given, readers hear nothing, until it is up again.
  void set_down(bool down);
  bool down() const;
  // Records are written, acknowledgements wait.
  void hold_acknowledgements(bool hold);
  // Readers hear nothing, though everything else works: a client that hangs.
  void hold_reads(bool hold);
  // Who joins a group meanwhile never hears of it: what becomes of a join that a broker took while it stood still.
  void ignore_joins(bool ignore);
  // The next `count` records are written twice.
  void duplicate_next(uint32_t count);
  // All writers that are there now are dead; what they had not yet written is lost, what they had written stays.
  void kill_writers();
  // From now on a writer takes so many unacknowledged records.
  void set_queue_limit(size_t records);
  void drop_before(const std::string& topic, uint32_t partition, uint64_t offset);
  // The group gives a member up whose session ran out: its partitions go to the others at once, while it believes that
  // it has them until its next poll. Once it has answered that revocation it is a member again.
  void expire_session(const std::string& group, uint64_t member);
  // Who joined last, of any group; 0 = nobody has.
  uint64_t newest_member() const;

 private:
  friend class MemoryWriter;
  friend class MemoryReader;

  struct Partition {
    uint64_t low = 0;
    std::deque<LogRecord> records;
  };
  struct Group {
    enum class Phase { kStable, kRevoking };
    struct Member {
      std::vector<std::string> topics;
      std::vector<TopicPartition> assigned;
      bool must_release = false;  // has not yet answered a revocation
      bool expired = false;       // the others do not wait for it, and it gets nothing
      std::deque<ReaderEvent> events;
    };
    Phase phase = Phase::kStable;
    std::map<uint64_t, Member> members;  // by order of joining
  };

  // All below: with the mutex held.
  Result<uint64_t> append_locked(const std::string& topic, uint32_t partition, const Record& record);
  Partition* find_locked(const TopicPartition& partition);
  const Partition* find_locked(const TopicPartition& partition) const;
  void rebalance_locked(Group& group);
  void assign_if_released_locked(Group& group);

  const uint64_t keep_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<Partition>> topics_;
  std::map<std::string, Group> groups_;
  uint64_t next_member_ = 1;
  uint64_t writer_epoch_ = 0;
  size_t queue_limit_ = 100'000;
  uint32_t duplicates_ = 0;
  bool down_ = false;
  bool hold_ = false;
  bool hold_reads_ = false;
  bool ignore_joins_ = false;
};

class MemoryLog : public Log {
 public:
  explicit MemoryLog(MemoryBroker& broker) : broker_(broker) {}

  Result<std::unique_ptr<LogWriter>> make_writer() override;
  Result<std::unique_ptr<LogReader>> make_reader(ReaderOptions options) override;
  Result<std::unique_ptr<LogAdmin>> make_admin() override;
  std::string retention_advice() const override;

 private:
  MemoryBroker& broker_;
};

}  // namespace tandem::bus
