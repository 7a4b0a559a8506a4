#include "shared/bus/memory_log.h"

#include <algorithm>
#include <utility>

namespace tandem::bus {
namespace {

constexpr size_t kMaxRecordBytes = 1'000'000;  // librdkafka's message.max.bytes

Error dead() { return make_error(Code::kAborted, "The writer is dead; make a new one."); }

size_t size_of(const Record& record) {
  size_t size = record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers) size += name.size() + value.size();
  return size;
}

}  // namespace

class MemoryWriter : public LogWriter {
 public:
  explicit MemoryWriter(MemoryBroker& broker) : broker_(broker) {
    std::lock_guard lock(broker_.mutex_);
    epoch_ = broker_.writer_epoch_;
  }

  Status warm(std::span<const std::string> topics, Millis) override {
    std::lock_guard lock(broker_.mutex_);
    if (broker_.down_) return make_error(Code::kUnavailable, "The broker is down.");
    for (const std::string& topic : topics) {
      if (!broker_.topics_.contains(topic)) return make_error(Code::kNotFound, "There is no topic " + topic + ".");
    }
    return {};
  }

  Result<bool> produce(const std::string& topic, uint32_t partition, const Record& record, uint64_t opaque) override {
    std::lock_guard lock(broker_.mutex_);
    if (epoch_ != broker_.writer_epoch_) return dead();
    if (broker_.find_locked({topic, partition}) == nullptr) {
      return make_error(Code::kNotFound, "There is no " + topic + "[" + std::to_string(partition) + "].");
    }
    if (size_of(record) > kMaxRecordBytes) return make_error(Code::kOutOfRange, "The record is too large.");
    if (queue_.size() + written_.size() >= broker_.queue_limit_) return false;
    queue_.push_back({topic, partition, opaque, record});
    write_locked();
    return true;
  }

  Poll poll(Millis timeout) override {
    std::unique_lock lock(broker_.mutex_);
    Poll result;
    broker_.changed_.wait_for(lock, timeout, [this] {
      write_locked();
      return epoch_ != broker_.writer_epoch_ || (!broker_.hold_ && !written_.empty());
    });
    if (!broker_.hold_) result.deliveries = std::exchange(written_, {});
    if (epoch_ != broker_.writer_epoch_) result.fatal = dead();
    return result;
  }

 private:
  struct Queued {
    std::string topic;
    uint32_t partition;
    uint64_t opaque;
    Record record;
  };

  void write_locked() {
    if (broker_.down_ || epoch_ != broker_.writer_epoch_) return;
    for (; !queue_.empty(); queue_.pop_front()) {
      const Queued& next = queue_.front();
      Delivery delivery{next.topic, next.partition, next.opaque, 0, {}};
      auto offset = broker_.append_locked(next.topic, next.partition, next.record);
      if (offset.ok()) {
        delivery.offset = *offset;
      } else {
        delivery.error = offset.error();
      }
      written_.push_back(std::move(delivery));
    }
  }

  MemoryBroker& broker_;
  uint64_t epoch_ = 0;
  std::deque<Queued> queue_;
  std::vector<Delivery> written_;
};

class MemoryReader : public LogReader {
 public:
  MemoryReader(MemoryBroker& broker, ReaderOptions options) : broker_(broker), options_(options) {}

  ~MemoryReader() override {
    std::lock_guard lock(broker_.mutex_);
    if (member_ == 0) return;
    auto& group = broker_.groups_[group_];
    group.members.erase(member_);
    broker_.rebalance_locked(group);
  }

  Status subscribe(const std::vector<std::string>& topics, const std::string& group) override {
    std::lock_guard lock(broker_.mutex_);
    if (member_ != 0) return make_error(Code::kFailedPrecondition, "The reader is in a group already.");
    if (broker_.ignore_joins_) return {};
    group_ = group;
    member_ = broker_.next_member_++;
    broker_.groups_[group_].members[member_].topics = topics;
    broker_.rebalance_locked(broker_.groups_[group_]);
    return {};
  }

  Status start(const StartOffsets& offsets) override {
    std::lock_guard lock(broker_.mutex_);
    positions_.clear();
    for (const auto& [partition, offset] : offsets) {
      if (broker_.find_locked(partition) == nullptr) {
        return make_error(Code::kNotFound,
                          "There is no " + partition.topic + "[" + std::to_string(partition.partition) + "].");
      }
      positions_[partition].offset = offset;
    }
    return {};
  }

  void release() override {
    std::lock_guard lock(broker_.mutex_);
    positions_.clear();
    if (member_ == 0) return;
    auto& group = broker_.groups_[group_];
    auto& member = group.members[member_];
    member.must_release = false;
    member.assigned.clear();
    // Its session may have run out while it finished: what it is told to give up then, it just has.
    std::erase_if(member.events, [](const ReaderEvent& e) { return e.kind == ReaderEvent::Kind::kRevoked; });
    // Who was given up joins again, and everything is dealt out anew.
    if (std::exchange(member.expired, false)) return broker_.rebalance_locked(group);
    broker_.assign_if_released_locked(group);
  }

  ReaderEvent poll(Millis timeout) override {
    std::unique_lock lock(broker_.mutex_);
    ReaderEvent event;
    // A simulation polls all the time and never waits: even a wait of no time is a call of the kernel.
    if (timeout <= Millis(0) && !next_locked(event)) return {};
    if (event.kind != ReaderEvent::Kind::kNone) return event;
    broker_.changed_.wait_for(lock, timeout, [&] { return next_locked(event); });
    return event;
  }

  Status seek(const TopicPartition& partition, uint64_t offset) override {
    std::lock_guard lock(broker_.mutex_);
    auto found = positions_.find(partition);
    if (found == positions_.end()) return make_error(Code::kFailedPrecondition, "The partition is not read.");
    found->second.offset = offset;
    found->second.end_said = false;
    return {};
  }

  void pause(std::span<const TopicPartition> partitions) override { set_paused(partitions, true); }
  void resume(std::span<const TopicPartition> partitions) override { set_paused(partitions, false); }
  void commit(const TopicPartition&, uint64_t) override {}

  Result<Watermarks> watermarks(const TopicPartition& partition, Millis timeout) override {
    if (timeout > Millis(0) && broker_.down()) return make_error(Code::kUnavailable, "The broker is down.");
    return broker_.watermarks(partition);
  }

 private:
  struct Position {
    uint64_t offset = 0;
    bool paused = false;
    bool end_said = false;
  };

  void set_paused(std::span<const TopicPartition> partitions, bool paused) {
    std::lock_guard lock(broker_.mutex_);
    for (const TopicPartition& partition : partitions) {
      if (auto found = positions_.find(partition); found != positions_.end()) found->second.paused = paused;
    }
    broker_.changed_.notify_all();
  }

  bool next_locked(ReaderEvent& event) {
    if (member_ != 0) {
      auto& events = broker_.groups_[group_].members[member_].events;
      if (!events.empty()) {
        event = std::move(events.front());
        events.pop_front();
        return true;
      }
    }
    if (broker_.down_ || broker_.hold_reads_ || positions_.empty()) return false;
    // Round robin, from the partition after the last one.
    auto next = positions_.upper_bound(last_);
    for (size_t i = 0; i < positions_.size(); ++i, ++next) {
      if (next == positions_.end()) next = positions_.begin();
      if (read_locked(next->first, next->second, event)) {
        last_ = next->first;
        return true;
      }
    }
    return false;
  }

  bool read_locked(const TopicPartition& partition, Position& position, ReaderEvent& event) {
    const auto* found = broker_.find_locked(partition);
    if (position.paused || found == nullptr) return false;
    const uint64_t high = found->low + found->records.size();
    // Out of range, on either side: auto.offset.reset=earliest.
    if (position.offset < found->low || position.offset > high) position.offset = found->low;
    if (position.offset < high) {
      event.kind = ReaderEvent::Kind::kRecord;
      event.record = found->records[position.offset - found->low];
      ++position.offset;
      position.end_said = false;
      return true;
    }
    if (!options_.end_of_partition || position.end_said) return false;
    position.end_said = true;
    event.kind = ReaderEvent::Kind::kEndOfPartition;
    event.partitions = {partition};
    event.offset = position.offset;
    return true;
  }

  MemoryBroker& broker_;
  const ReaderOptions options_;
  std::string group_;
  uint64_t member_ = 0;
  std::map<TopicPartition, Position> positions_;
  TopicPartition last_;
};

namespace {

class MemoryAdmin : public LogAdmin {
 public:
  explicit MemoryAdmin(MemoryBroker& broker) : broker_(broker) {}

  Status create_topic(const std::string& topic, uint32_t partitions, Millis) override {
    if (broker_.down()) return make_error(Code::kUnavailable, "The broker is down.");
    broker_.create_topic(topic, partitions);
    return {};
  }

  Result<TopicDescription> describe(const std::string& topic, Millis) override {
    if (broker_.down()) return make_error(Code::kUnavailable, "The broker is down.");
    const uint32_t partitions = broker_.partitions(topic);
    if (partitions == 0) return make_error(Code::kNotFound, "There is no topic " + topic + ".");
    TopicDescription description;
    description.partitions = partitions;
    return description;
  }

 private:
  MemoryBroker& broker_;
};

}  // namespace

Result<std::unique_ptr<LogWriter>> MemoryLog::make_writer() {
  return std::unique_ptr<LogWriter>(std::make_unique<MemoryWriter>(broker_));
}

Result<std::unique_ptr<LogReader>> MemoryLog::make_reader(ReaderOptions options) {
  return std::unique_ptr<LogReader>(std::make_unique<MemoryReader>(broker_, options));
}

Result<std::unique_ptr<LogAdmin>> MemoryLog::make_admin() {
  return std::unique_ptr<LogAdmin>(std::make_unique<MemoryAdmin>(broker_));
}

std::string MemoryLog::retention_advice() const { return "The log in memory was told to drop them."; }

}  // namespace tandem::bus
