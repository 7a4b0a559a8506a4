#include "shared/store/memory_healing.h"

#include "shared/store/opening.h"

namespace tandem::store {
bool MemoryHealing::connected_locked() {
  const std::string there = world_.instance_locked();
  const bool cut = !instance_.empty() && instance_ != there;
  instance_ = there;
  return !cut;
}

template <class T, class Work>
Result<T> MemoryHealing::call(std::string_view name, uint32_t shard, Work work) {
  const Fault fault = hook_ ? hook_(MemoryCall{name, 0}) : Fault::kNone;
  if (fault == Fault::kUnavailable || fault == Fault::kRequestLost) return no_answer();
  std::lock_guard lock(world_.mutex_);
  if (!connected_locked()) return no_answer();
  Result<T> done = work(world_.shards_[shard], world_.clock_.now());
  if (fault == Fault::kReplyLost) return no_answer();
  return done;
}

Result<std::vector<ShardCondition>> MemoryHealing::look(std::span<const uint32_t> shards) {
  std::vector<ShardCondition> conditions;
  for (uint32_t shard : shards) {
    auto one = call<ShardCondition>("look", shard, [&](MemoryShard& data, Instant now) -> Result<ShardCondition> {
      TANDEM_RETURN_IF_ERROR(check_identity(identity_, data.installation, data.shards));
      return data.condition(instance_, now);
    });
    if (!one.ok()) return one.error();
    conditions.push_back(std::move(*one));
  }
  return conditions;
}

Result<Claim> MemoryHealing::claim(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  return call<Claim>("claim", shard, [&](MemoryShard& data, Instant now) -> Result<Claim> {
    TANDEM_RETURN_IF_ERROR(check_identity(identity_, data.installation, data.shards));
    if (data.reconciled(instance_)) return Claim{Claim::Verdict::kNotNeeded, data.condition(instance_, now)};
    if (data.claimed(data.lease, instance_, now)) return Claim{Claim::Verdict::kBusy, data.condition(instance_, now)};
    data.lease = token;
    data.lease_until = now + ttl;
    data.healer = token + "@" + instance_;
    data.installation = identity_.installation;
    data.shards = identity_.shards;
    return Claim{Claim::Verdict::kClaimed, data.condition(instance_, now)};
  });
}

Result<bool> MemoryHealing::renew(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  return call<bool>("renew", shard, [&](MemoryShard& data, Instant now) -> Result<bool> {
    if (!data.claimed(token, instance_, now)) return false;
    data.lease_until = now + ttl;
    return true;
  });
}

Result<bool> MemoryHealing::fold(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl,
                                 const FoldedEvents& events, Instant at) {
  return call<bool>("fold", shard, [&](MemoryShard& data, Instant now) -> Result<bool> {
    if (!data.claimed(token, instance_, now) || data.last_number != events.from) return false;
    data.lease_until = now + ttl;
    data.fold(events, at);
    return true;
  });
}

Result<bool> MemoryHealing::finish(uint32_t shard, const std::string& token, const Reconciliation& end) {
  return call<bool>("finish", shard, [&](MemoryShard& data, Instant now) -> Result<bool> {
    const bool may =
        data.claimed(token, instance_, now) && end.generation > data.generation && end.number <= data.last_number;
    if (may) data.finish(end, instance_);
    return may;
  });
}

Status MemoryHealing::abandon(uint32_t shard, const std::string& token) {
  const auto done = call<bool>("abandon", shard, [&](MemoryShard& data, Instant) -> Result<bool> {
    if (data.lease == token) data.lease.clear();
    return true;
  });
  if (!done.ok()) return done.error();
  return {};
}

Result<std::vector<Stored>> MemoryHealing::load(uint32_t shard, std::span<const AggregateRef> aggregates) {
  return call<std::vector<Stored>>("load", shard, [&](MemoryShard& data, Instant) -> Result<std::vector<Stored>> {
    std::vector<Stored> stored;
    for (const AggregateRef& ref : aggregates) {
      const auto found = data.aggregates.find(ref);
      stored.push_back(found == data.aggregates.end() ? Stored{} : found->second);
    }
    return stored;
  });
}

Result<std::vector<UnpublishedEvent>> MemoryHealing::unpublished(uint32_t shard, uint64_t after, uint32_t limit) {
  using Events = std::vector<UnpublishedEvent>;
  return call<Events>("unpublished", shard, [&](MemoryShard& data, Instant) -> Result<Events> {
    Events events;
    for (auto at = data.outbox.upper_bound(after); at != data.outbox.end() && events.size() < limit; ++at) {
      events.push_back({at->first, at->second.version});
    }
    return events;
  });
}

}  // namespace tandem::store
