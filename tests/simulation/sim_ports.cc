#include "tests/simulation/sim_ports.h"

#include <algorithm>

#include "shared/base/teeth.h"
#include "tests/simulation/simulation.h"

namespace tandem::simulation {

SimStore::SimStore(Simulation& simulation, Replica& replica, store::MemoryWorld& world)
    : simulation_(simulation), replica_(replica), inner_(world, [&simulation, &replica](const store::MemoryCall& call) {
        return simulation.store_fault(replica, call);
      }) {}

Result<Loaded> SimStore::load(const LoadBatch& batch) {
  return at_await(simulation_, replica_, "load", [&] {
    auto loaded = inner_.load(batch);
    if (TANDEM_TOOTH(kW14) && loaded.ok()) recall(batch, *loaded);
    return loaded;
  });
}

std::vector<CommitOutcome> SimStore::commit(std::span<const Commit> batch, Instant now) {
  return at_await(simulation_, replica_, "commit", [&] {
    auto outcomes = inner_.commit(batch, now);
    simulation_.committed(replica_, batch, outcomes);
    if (TANDEM_TOOTH(kW14)) remember(batch, outcomes);
    return outcomes;
  });
}

void SimStore::recall(const LoadBatch& batch, Loaded& loaded) const {
  for (size_t i = 0; i < batch.aggregates.size(); i++) {
    const auto known = cache_.find(batch.aggregates[i].second);
    if (known != cache_.end()) loaded.aggregates[i] = known->second;
  }
}

void SimStore::remember(std::span<const Commit> batch, std::span<const CommitOutcome> outcomes) {
  for (size_t i = 0; i < batch.size(); i++) {
    if (outcomes[i].status != CommitOutcome::Status::kCommitted) {
      cache_.erase(batch[i].aggregate);
    } else if (batch[i].change) {
      cache_[batch[i].aggregate] = {batch[i].change->version, batch[i].change->bytes};
    }
  }
}

Result<std::vector<std::pair<Source, MarkValue>>> SimStore::marks(uint32_t shard) {
  return at_await(simulation_, replica_, "marks", [&] { return inner_.marks(shard); });
}

Result<std::vector<Place>> SimStore::places(uint32_t shard) {
  const bool last = shard + 1 == simulation_.shards();
  return at_await(simulation_, replica_, last ? "places" : "places of a shard", [&] { return inner_.places(shard); });
}

Status SimStore::write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) {
  return at_await(simulation_, replica_, "write_places", [&] { return inner_.write_places(shards, places); });
}

Result<std::vector<std::vector<IndexEntry>>> SimStore::pages(std::span<const IndexQuery> queries) {
  return inner_.pages(queries);
}

Result<std::vector<uint64_t>> SimStore::counts(const std::string& index, std::span<const uint32_t> shards) {
  return inner_.counts(index, shards);
}

Result<std::vector<DueTimer>> SimStore::due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) {
  return at_await(simulation_, replica_, "due_timers", [&] { return inner_.due_timers(shards, now, limit); });
}

SimOutbox::SimOutbox(Simulation& simulation, Replica& replica, store::MemoryWorld& world)
    : simulation_(simulation),
      replica_(replica),
      world_(world),
      inner_(world,
             [&simulation, &replica](const store::MemoryCall& call) { return simulation.store_fault(replica, call); }) {
}

Result<ShardStatus> SimOutbox::open(uint32_t shard) {
  return at_await(simulation_, replica_, "open", [&] { return inner_.open(shard); });
}

Result<bool> SimOutbox::lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  return at_await(simulation_, replica_, "lease", [&] { return inner_.lease(shard, token, ttl); });
}

Status SimOutbox::release(uint32_t shard, const std::string& token) {
  return at_await(simulation_, replica_, "release", [&] { return inner_.release(shard, token); });
}

Result<std::vector<uint32_t>> SimOutbox::wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                              std::chrono::milliseconds) {
  return at_await(simulation_, replica_, "wait", [&]() -> Result<std::vector<uint32_t>> {
    if (simulation_.store_fault(replica_, {"wait", 0}) != store::Fault::kNone) {
      return make_error(Code::kUnavailable, "the store does not answer");
    }
    std::vector<uint32_t> ready;
    for (const auto& [shard, n] : after) {
      const auto found = world_.shards().find(shard);
      if (found == world_.shards().end()) continue;
      if (found->second.outbox.upper_bound(n) != found->second.outbox.end()) ready.push_back(shard);
    }
    return ready;
  });
}

Result<OutboxRead> SimOutbox::read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) {
  return at_await(simulation_, replica_, "read", [&] { return inner_.read(shard, token, after, limit); });
}

Result<bool> SimOutbox::trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                             std::optional<uint64_t> offset) {
  return at_await(simulation_, replica_, "trim", [&] { return inner_.trim(shard, token, generation, n, offset); });
}

Result<std::vector<ShardStatus>> SimOutbox::statuses(std::span<const uint32_t> shards) {
  return at_await(simulation_, replica_, "statuses", [&] { return inner_.statuses(shards); });
}

SimHealing::SimHealing(Simulation& simulation, Replica& replica, store::MemoryWorld& world)
    : simulation_(simulation), replica_(replica), inner_(world, [&simulation, &replica](const store::MemoryCall& call) {
        return simulation.store_fault(replica, call);
      }) {}

Result<std::vector<ShardCondition>> SimHealing::look(std::span<const uint32_t> shards) {
  return at_await(simulation_, replica_, "look", [&] { return inner_.look(shards); });
}

Result<Claim> SimHealing::claim(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  return at_await(simulation_, replica_, "claim", [&] { return inner_.claim(shard, token, ttl); });
}

Result<bool> SimHealing::renew(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  return at_await(simulation_, replica_, "renew", [&] { return inner_.renew(shard, token, ttl); });
}

Result<bool> SimHealing::fold(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl,
                              const FoldedEvents& events, Instant now) {
  return at_await(simulation_, replica_, "fold", [&] { return inner_.fold(shard, token, ttl, events, now); });
}

Result<bool> SimHealing::finish(uint32_t shard, const std::string& token, const Reconciliation& end) {
  return at_await(simulation_, replica_, "finish", [&] { return inner_.finish(shard, token, end); });
}

Status SimHealing::abandon(uint32_t shard, const std::string& token) {
  return at_await(simulation_, replica_, "abandon", [&] { return inner_.abandon(shard, token); });
}

Result<std::vector<Stored>> SimHealing::load(uint32_t shard, std::span<const AggregateRef> aggregates) {
  return at_await(simulation_, replica_, "load to fold", [&] { return inner_.load(shard, aggregates); });
}

Result<std::vector<UnpublishedEvent>> SimHealing::unpublished(uint32_t shard, uint64_t after, uint32_t limit) {
  return at_await(simulation_, replica_, "unpublished", [&] { return inner_.unpublished(shard, after, limit); });
}

}  // namespace tandem::simulation
