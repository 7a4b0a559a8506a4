#include <algorithm>
#include <utility>

#include "shared/bus/memory_log.h"

namespace tandem::bus {
namespace {

Error no_such(const TopicPartition& partition) {
  return make_error(Code::kNotFound, "There is no " + partition.topic + "[" + std::to_string(partition.partition) +
                                         "]; create the topic first.");
}

}  // namespace

void MemoryBroker::create_topic(const std::string& topic, uint32_t partitions) {
  std::lock_guard lock(mutex_);
  topics_.try_emplace(topic, partitions);
}

uint32_t MemoryBroker::partitions(const std::string& topic) const {
  std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  return found == topics_.end() ? 0 : static_cast<uint32_t>(found->second.size());
}

const MemoryBroker::Partition* MemoryBroker::find_locked(const TopicPartition& partition) const {
  auto found = topics_.find(partition.topic);
  if (found == topics_.end() || partition.partition >= found->second.size()) return nullptr;
  return &found->second[partition.partition];
}

MemoryBroker::Partition* MemoryBroker::find_locked(const TopicPartition& partition) {
  return const_cast<Partition*>(std::as_const(*this).find_locked(partition));
}

std::vector<LogRecord> MemoryBroker::records(const std::string& topic, uint32_t partition) const {
  std::lock_guard lock(mutex_);
  const Partition* found = find_locked({topic, partition});
  if (found == nullptr) return {};
  return {found->records.begin(), found->records.end()};
}

Result<Watermarks> MemoryBroker::watermarks(const TopicPartition& partition) const {
  std::lock_guard lock(mutex_);
  if (down_) return make_error(Code::kUnavailable, "The broker is down.");
  const Partition* found = find_locked(partition);
  if (found == nullptr) return no_such(partition);
  return Watermarks{found->low, found->low + found->records.size()};
}

Result<uint64_t> MemoryBroker::append(const std::string& topic, uint32_t partition, const Record& record) {
  std::lock_guard lock(mutex_);
  return append_locked(topic, partition, record);
}

Result<uint64_t> MemoryBroker::append_locked(const std::string& topic, uint32_t partition, const Record& record) {
  Partition* found = find_locked({topic, partition});
  if (found == nullptr) return no_such({topic, partition});
  uint64_t offset = 0;
  const int copies = duplicates_ > 0 ? 2 : 1;
  if (duplicates_ > 0) --duplicates_;
  for (int i = 0; i < copies; ++i) {
    offset = found->low + found->records.size();
    found->records.push_back({topic, partition, offset, record});
  }
  while (keep_ != 0 && found->records.size() > keep_) {
    found->records.pop_front();
    ++found->low;
  }
  changed_.notify_all();
  return offset;
}

void MemoryBroker::set_down(bool down) {
  std::lock_guard lock(mutex_);
  down_ = down;
  changed_.notify_all();
}

bool MemoryBroker::down() const {
  std::lock_guard lock(mutex_);
  return down_;
}

void MemoryBroker::hold_acknowledgements(bool hold) {
  std::lock_guard lock(mutex_);
  hold_ = hold;
  changed_.notify_all();
}

void MemoryBroker::hold_reads(bool hold) {
  std::lock_guard lock(mutex_);
  hold_reads_ = hold;
  changed_.notify_all();
}

void MemoryBroker::ignore_joins(bool ignore) {
  std::lock_guard lock(mutex_);
  ignore_joins_ = ignore;
}

void MemoryBroker::duplicate_next(uint32_t count) {
  std::lock_guard lock(mutex_);
  duplicates_ += count;
}

void MemoryBroker::kill_writers() {
  std::lock_guard lock(mutex_);
  ++writer_epoch_;
  changed_.notify_all();
}

void MemoryBroker::set_queue_limit(size_t records) {
  std::lock_guard lock(mutex_);
  queue_limit_ = records;
}

void MemoryBroker::drop_before(const std::string& topic, uint32_t partition, uint64_t offset) {
  std::lock_guard lock(mutex_);
  Partition* found = find_locked({topic, partition});
  if (found == nullptr) return;
  while (!found->records.empty() && found->low < offset) {
    found->records.pop_front();
    ++found->low;
  }
}

void MemoryBroker::expire_session(const std::string& group, uint64_t member) {
  std::lock_guard lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end() || !found->second.members.contains(member)) return;
  Group::Member& gone = found->second.members[member];
  if (gone.expired) return;
  ReaderEvent revoked;
  revoked.kind = ReaderEvent::Kind::kRevoked;
  revoked.partitions = std::exchange(gone.assigned, {});
  gone.events.clear();
  gone.events.push_back(std::move(revoked));
  gone.must_release = false;
  gone.expired = true;
  rebalance_locked(found->second);
}

uint64_t MemoryBroker::newest_member() const {
  std::lock_guard lock(mutex_);
  return next_member_ - 1;
}

// Eager: everybody gives back all there is, then all is dealt out anew.
void MemoryBroker::rebalance_locked(Group& group) {
  for (auto& [id, member] : group.members) {
    // An assignment that was not answered yet is void.
    std::erase_if(member.events, [](const ReaderEvent& e) { return e.kind == ReaderEvent::Kind::kAssigned; });
    if (member.assigned.empty() || member.must_release || member.expired) continue;
    member.must_release = true;
    ReaderEvent revoked;
    revoked.kind = ReaderEvent::Kind::kRevoked;
    revoked.partitions = member.assigned;
    member.events.push_back(std::move(revoked));
  }
  group.phase = Group::Phase::kRevoking;
  assign_if_released_locked(group);
}

void MemoryBroker::assign_if_released_locked(Group& group) {
  changed_.notify_all();
  if (group.phase != Group::Phase::kRevoking) return;
  for (const auto& [id, member] : group.members) {
    if (member.must_release) return;
  }
  group.phase = Group::Phase::kStable;
  std::map<std::string, std::vector<uint64_t>> subscribers;
  for (auto& [id, member] : group.members) {
    member.assigned.clear();
    if (member.expired) continue;
    for (const std::string& topic : member.topics) subscribers[topic].push_back(id);
  }
  for (const auto& [topic, ids] : subscribers) {
    const auto found = topics_.find(topic);
    if (found == topics_.end()) continue;
    const size_t count = found->second.size();
    // Range: the first `count % ids` members get one more.
    for (size_t i = 0, next = 0; i < ids.size(); ++i) {
      const size_t share = count / ids.size() + (i < count % ids.size() ? 1 : 0);
      for (size_t j = 0; j < share; ++j) {
        group.members[ids[i]].assigned.push_back({topic, static_cast<uint32_t>(next++)});
      }
    }
  }
  for (auto& [id, member] : group.members) {
    if (member.expired) continue;
    ReaderEvent assigned;
    assigned.kind = ReaderEvent::Kind::kAssigned;
    assigned.partitions = member.assigned;
    member.events.push_back(std::move(assigned));
  }
}

}  // namespace tandem::bus
