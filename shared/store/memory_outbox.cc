#include "shared/aggregate/healing.h"
#include "shared/base/teeth.h"
#include "shared/store/encoding.h"
#include "shared/store/memory_store.h"
#include "shared/store/opening.h"

namespace tandem::store {
namespace {

// False: it is not done. Afterwards `heard` tells whether the caller may be told.
struct Judged {
  bool done = true;
  bool heard = true;
};

Judged judge(const FaultHook& hook, std::string_view name) {
  Fault fault = hook ? hook(MemoryCall{name, 0}) : Fault::kNone;
  return {.done = fault == Fault::kNone || fault == Fault::kReplyLost, .heard = fault == Fault::kNone};
}

}  // namespace

bool MemoryOutbox::connected_locked() {
  const std::string there = world_.instance_locked();
  const bool cut = !instance_.empty() && instance_ != there;
  instance_ = there;
  return !cut;
}

Result<ShardStatus> MemoryOutbox::open(uint32_t shard) {
  if (!judge(hook_, "open").heard) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  const MemoryShard& data = world_.shards_[shard];
  TANDEM_RETURN_IF_ERROR(check_identity(identity_, data.installation, data.shards));
  if (!data.reconciled(instance_)) return not_serving(shard);
  return data.status(instance_, world_.clock_.now());
}

Result<bool> MemoryOutbox::lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  Judged call = judge(hook_, "lease");
  if (!call.done) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  MemoryShard& data = world_.shards_[shard];
  Instant now = world_.clock_.now();
  std::string holder = data.lease_at(now);
  bool ours = (holder.empty() || holder == token) && data.reconciled(instance_);
  if (ours) {
    data.lease = token;
    data.lease_until = now + ttl;
  }
  if (!call.heard) return no_answer();
  return ours;
}

Status MemoryOutbox::release(uint32_t shard, const std::string& token) {
  Judged call = judge(hook_, "release");
  if (!call.done) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  MemoryShard& data = world_.shards_[shard];
  if (data.lease == token) data.lease.clear();
  if (!call.heard) return no_answer();
  return {};
}

Result<std::vector<uint32_t>> MemoryOutbox::wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                                 std::chrono::milliseconds timeout) {
  if (!judge(hook_, "wait").heard) return no_answer();
  std::unique_lock lock(world_.mutex_);
  std::vector<uint32_t> ready;
  world_.appended_.wait_for(lock, timeout, [&] {
    for (const auto& [shard, n] : after) {
      const auto& outbox = world_.shards_[shard].outbox;
      if (outbox.upper_bound(n) != outbox.end()) ready.push_back(shard);
    }
    return interrupted_ || !ready.empty();
  });
  interrupted_ = false;
  return ready;
}

void MemoryOutbox::interrupt() {
  std::lock_guard lock(world_.mutex_);
  interrupted_ = true;
  world_.appended_.notify_all();
}

Result<OutboxRead> MemoryOutbox::read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) {
  if (!judge(hook_, "read").heard) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  const MemoryShard& data = world_.shards_[shard];
  OutboxRead read;
  if (token.empty() || data.lease_at(world_.clock_.now()) != token || !data.reconciled(instance_)) return read;
  read.leased = true;
  read.generation = data.generation;
  for (auto at = data.outbox.upper_bound(after); at != data.outbox.end() && read.entries.size() < limit; ++at) {
    read.entries.push_back(at->second.entry);
  }
  return read;
}

Result<bool> MemoryOutbox::trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                                std::optional<uint64_t> offset) {
  Judged call = judge(hook_, "trim");
  if (!call.done) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  MemoryShard& data = world_.shards_[shard];
  bool ours = !token.empty() && data.lease_at(world_.clock_.now()) == token && data.reconciled(instance_) &&
              data.generation == generation && n <= data.last_number;
  if (TANDEM_TOOTH(kE04)) ours = n <= data.last_number;
  if (ours && n > data.trimmed) {
    data.trimmed = n;
    if (offset) {
      const auto entry = data.outbox.find(n);
      data.trimmed_offset = *offset + 1;
      data.anchor = entry == data.outbox.end() ? std::string() : entry->second.version;
    }
    data.outbox.erase(data.outbox.begin(), data.outbox.upper_bound(n));
  }
  if (!call.heard) return no_answer();
  return ours;
}

Result<std::vector<ShardStatus>> MemoryOutbox::statuses(std::span<const uint32_t> shards) {
  if (!judge(hook_, "status").heard) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  std::vector<ShardStatus> statuses;
  for (uint32_t shard : shards) statuses.push_back(world_.shards_[shard].status(instance_, world_.clock_.now()));
  return statuses;
}

}  // namespace tandem::store
