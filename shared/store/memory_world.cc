#include "shared/store/memory_world.h"

#include <algorithm>

#include "shared/base/teeth.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::store {
namespace {

using Outcome = CommitOutcome::Status;

bool parks(const Commit::Change& change) {
  exchange::v1::OutboxRecord record;
  return record.ParseFromString(change.outbox_record) &&
         record.envelope().event_type() == exchange::v1::CommandParked::descriptor()->full_name();
}

}  // namespace

const Reply* MemoryShard::find_request(const std::string& request_id, Instant now) const {
  auto found = requests.find(request_id);
  if (found == requests.end() || now >= found->second.expires) return nullptr;
  return &found->second.reply;
}

// In this order: generation, instance, request id, mark, version.
std::optional<CommitOutcome> MemoryShard::refuse(const Commit& commit, const std::string& caller, Instant now) const {
  CommitOutcome outcome;
  if (generation == 0 || commit.generation != generation) {
    outcome.status = Outcome::kWrongGeneration;
    return outcome;
  }
  if (instance != caller) {
    outcome.status = Outcome::kUnavailable;
    return outcome;
  }
  if (!commit.request_id.empty()) {
    if (const auto* known = find_request(commit.request_id, now)) {
      outcome.status = Outcome::kDuplicate;
      outcome.n = known->n;
      outcome.reply = *known;
      return outcome;
    }
  }
  if (commit.mark) {
    auto found = marks.find(commit.mark->source);
    MarkValue current = found == marks.end() ? MarkValue{} : found->second;
    const bool passes = TANDEM_TOOTH(kE01) ? current < commit.mark->to : current == commit.mark->expected;
    if (!passes) {
      outcome.status = Outcome::kWrongMark;
      outcome.mark = current;
      return outcome;
    }
  }
  auto found = aggregates.find(commit.aggregate);
  const bool unchecked = TANDEM_TOOTH(kX03) && commit.expected_version == "*";
  if (!unchecked && (found == aggregates.end() ? std::string() : found->second.version) != commit.expected_version) {
    outcome.status = Outcome::kWrongVersion;
    return outcome;
  }
  return std::nullopt;
}

CommitOutcome MemoryShard::commit(const Commit& commit, const std::string& caller, Instant now) {
  if (auto refused = refuse(commit, caller, now)) return *refused;
  CommitOutcome outcome;
  outcome.status = Outcome::kCommitted;
  const bool silent = TANDEM_TOOTH(kW12) && commit.change && parks(*commit.change);
  if (commit.change) {
    if (!silent) outcome.n = append(*commit.change, now);
    aggregates[commit.aggregate] = {commit.change->version, commit.change->bytes};
    edit_indexes(index_edits(commit.change->indexes));
  }
  edit_timers(timer_edits(commit.timers));
  if (!commit.request_id.empty()) {
    requests[commit.request_id] = {{commit.fingerprint, commit.reply, outcome.n}, now + kRequestLifetime};
  }
  if (commit.mark) {
    marks[commit.mark->source] = commit.mark->to;
    if (!commit.change || silent) carried[commit.mark->source] = commit.mark->to;
  }
  return outcome;
}

uint64_t MemoryShard::append(const Commit::Change& change, Instant now) {
  uint64_t n = ++last_number;
  if (TANDEM_TOOTH(kW11)) carried.clear();
  outbox[n] = {{n, change.outbox_record, {carried.begin(), carried.end()}}, now, change.version};
  carried.clear();
  return n;
}

void MemoryShard::edit_indexes(const IndexEdits& edits) {
  for (const auto& [index, members] : edits) {
    std::set<std::string>& listed = indexes[index];
    for (const auto& [member, add] : members) {
      if (add) {
        listed.insert(member);
      } else {
        listed.erase(member);
      }
    }
  }
}

void MemoryShard::edit_timers(const TimerEdits& edits) {
  for (const auto& [member, score] : edits) {
    if (auto old = timers.find(member); old != timers.end()) {
      timers_by_due.erase({old->second, member});
      timers.erase(old);
    }
    if (score) {
      timers[member] = *score;
      timers_by_due.insert({*score, member});
    }
  }
}

ShardStatus MemoryShard::status(const std::string& caller, Instant now) const {
  ShardStatus status;
  status.reconciled = reconciled(caller);
  status.generation = generation;
  status.last_number = last_number;
  status.trimmed = trimmed;
  status.trimmed_offset = trimmed_offset;
  status.unpublished = outbox.size();
  if (!outbox.empty()) status.oldest_unpublished = outbox.begin()->second.recorded;
  status.lease = lease_at(now);
  return status;
}

bool MemoryShard::claimed(const std::string& token, const std::string& caller, Instant now) const {
  return !token.empty() && lease_at(now) == token && healer == token + "@" + caller;
}

ShardCondition MemoryShard::condition(const std::string& caller, Instant now) const {
  return {reconciled(caller), claimed(lease, caller, now), generation, last_number, trimmed, trimmed_offset, anchor};
}

void MemoryShard::fold(const FoldedEvents& events, Instant now) {
  last_number = events.to;
  carried.clear();
  for (const auto& [source, mark] : events.marks) marks[source] = mark;
  for (const FoldedAggregate& one : events.aggregates) aggregates[one.ref] = one.stored;
  for (const FoldedRequest& request : events.requests) {
    if (request.expires > now) requests[request.request_id] = {request.reply, request.expires};
  }
  edit_timers(timer_edits(events.timers));
  edit_indexes(index_edits(events.indexes));
}

void MemoryShard::finish(const Reconciliation& end, const std::string& caller) {
  outbox.erase(outbox.begin(), outbox.upper_bound(end.number));
  generation = end.generation;
  instance = caller;
  trimmed = end.number;
  trimmed_offset = end.generation;
  anchor = end.nonce;
  healer.clear();
  lease.clear();
}

void MemoryShard::mend(const AggregateRef& ref, const Stored& right, const IndexEdits& indexes,
                       const TimerEdits& timers) {
  if (right.version.empty()) {
    aggregates.erase(ref);
  } else {
    aggregates[ref] = right;
  }
  edit_indexes(indexes);
  edit_timers(timers);
}

void MemoryWorld::open_all() {
  std::lock_guard lock(mutex_);
  for (uint32_t i = 0; i < identity_.shards; ++i) {
    MemoryShard& shard = shards_[i];
    if (shard.generation != 0) continue;
    shard.generation = 1;
    shard.instance = instance_locked();
    shard.installation = identity_.installation;
    shard.shards = identity_.shards;
  }
}

bool MemoryWorld::reconciled() const {
  std::lock_guard lock(mutex_);
  const auto serves = [this](const auto& shard) { return shard.second.reconciled(instance_locked()); };
  return shards_.size() == identity_.shards && std::all_of(shards_.begin(), shards_.end(), serves);
}

MemoryWorld::Shards MemoryWorld::snapshot() const {
  std::lock_guard lock(mutex_);
  return shards_;
}

void MemoryWorld::restart() {
  std::lock_guard lock(mutex_);
  ++instances_;
}

void MemoryWorld::restart(Shards with) {
  std::lock_guard lock(mutex_);
  ++instances_;
  shards_ = std::move(with);
}

}  // namespace tandem::store
