// The port to a service's data. Two implementations: Redis (shared/store/redis_store.h) and memory
// (shared/store/memory_store.h); one conformance test holds both to the same behaviour.
//
// A Store belongs to one service of one installation: keys and shards are that service's. All calls are made by one
// thread, the service's loop. Calls take batches, each of which is one pipeline.
//
// Errors of a call as a whole are UNAVAILABLE (Redis does not answer, or its data is not known to be ours): nothing of
// a load was done; of a commit, each item says what is known of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/context.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem {

// A partition of a service's topic, as a source of commands.
struct Source {
  std::string service;
  uint32_t partition = 0;

  auto operator<=>(const Source&) const = default;
};

// "sales/3": in words, and how Redis keeps it, for ever.
inline std::string source_name(const Source& source) { return source.service + "/" + std::to_string(source.partition); }

// 0 to count - 1.
inline std::vector<uint32_t> all_shards(uint32_t count) {
  std::vector<uint32_t> shards(count);
  for (uint32_t shard = 0; shard < count; ++shard) shards[shard] = shard;
  return shards;
}

// The last command applied from a source: command k of event n. {0, 0} before the first.
struct MarkValue {
  uint64_t n = 0;
  uint64_t k = 0;

  auto operator<=>(const MarkValue&) const = default;
};

// An aggregate as it is stored.
struct Stored {
  // Token of the decision that made it; empty if it does not exist.
  std::string version;
  // A serialised exchange.v1.StoredAggregate.
  std::string bytes;

  bool operator==(const Stored&) const = default;
};

// How long a request id and its reply are kept.
inline constexpr std::chrono::hours kRequestLifetime{24};

// What a request id got.
struct Reply {
  std::string fingerprint;
  // A serialised type.v1.CommandResult, but for the number, which the commit gave.
  std::string bytes;
  // Number of the event; 0 if there was none.
  uint64_t n = 0;

  bool operator==(const Reply&) const = default;
};

struct RequestKey {
  uint32_t shard = 0;
  std::string request_id;
};

// One pipeline of reads. The order is the promise: states are read before request ids.
struct LoadBatch {
  std::vector<std::pair<uint32_t, AggregateRef>> aggregates;  // with their shards
  std::vector<RequestKey> requests;
  std::vector<uint32_t> shards;
};

struct Loaded {
  std::vector<Stored> aggregates;
  std::vector<std::optional<Reply>> requests;
  // 0: the shard does not serve, see healing.h; what was loaded from it is not to be trusted.
  std::vector<uint64_t> generations;
};

// An entry of an index: a sorted set of one shard, ordered by `order` and then by `id`.
struct IndexChange {
  // For example "lead", "lead:status=QUALIFIED".
  std::string index;
  std::string order;
  std::string id;
  bool add = true;
};

struct TimerKey {
  AggregateRef aggregate;
  std::string name;

  auto operator<=>(const TimerKey&) const = default;
};

struct TimerChange {
  TimerKey timer;
  // Absent: it is removed.
  std::optional<Instant> due;
};

struct MarkMove {
  Source source;
  MarkValue expected;
  MarkValue to;
};

// One decision to be stored.
struct Commit {
  uint32_t shard = 0;
  uint64_t generation = 0;
  // Of a command that came as a request; empty otherwise.
  std::string request_id;
  std::string fingerprint;
  // Remembered with the request id, and the number beside it: a serialised type.v1.CommandResult.
  std::string reply;
  std::optional<MarkMove> mark;

  // The aggregate that was decided on and the version that the decision saw.
  AggregateRef aggregate;
  std::string expected_version;

  // With an event: the new version and bytes, and the serialised exchange.v1.OutboxRecord. Without: nothing to do, or
  // an ignorable rejection; the mark moves, the timer goes, the request's reply is remembered.
  struct Change {
    std::string version;
    std::string bytes;
    std::string outbox_record;
    std::vector<IndexChange> indexes;
  };
  std::optional<Change> change;
  // With and without an event.
  std::vector<TimerChange> timers;
};

struct CommitOutcome {
  enum class Status {
    kCommitted,
    // The request id is known: `reply` is what it got.
    kDuplicate,
    // The shard is in another generation, or in none.
    kWrongGeneration,
    // The mark is not the expected one; `mark` is what it is.
    kWrongMark,
    // The aggregate has another version.
    kWrongVersion,
    // The connection broke after it was sent: it may or may not be stored.
    kUnknown,
    // It was not sent, or the shard does not serve.
    kUnavailable,
  };
  Status status = Status::kUnavailable;
  // Number of the event, with one.
  uint64_t n = 0;
  MarkValue mark;
  Reply reply;
  // kUnknown, kUnavailable: why, for people.
  std::string detail;
};

// Where a target shard would have a source read from again.
struct Place {
  Source source;
  uint64_t offset = 0;
  uint64_t generation = 0;
  uint64_t n = 0;

  bool operator==(const Place&) const = default;
};

struct ShardGeneration {
  uint32_t shard = 0;
  uint64_t generation = 0;
};

struct IndexQuery {
  uint32_t shard = 0;
  std::string index;
  // Entries after this one (before it, if descending), exclusive; both empty = from the end that comes first.
  std::string after_order;
  std::string after_id;
  bool descending = false;
  uint32_t limit = 0;
};

struct IndexEntry {
  std::string order;
  std::string id;

  bool operator==(const IndexEntry&) const = default;
};

struct DueTimer {
  uint32_t shard = 0;
  TimerKey timer;
  Instant due{};

  bool operator==(const DueTimer&) const = default;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<Loaded> load(const LoadBatch& batch) = 0;
  // In order, in one pipeline; each item is judged after the ones before it.
  virtual std::vector<CommitOutcome> commit(std::span<const Commit> batch, Instant now) = 0;

  // All marks of a shard.
  virtual Result<std::vector<std::pair<Source, MarkValue>>> marks(uint32_t shard) = 0;
  virtual Result<std::vector<Place>> places(uint32_t shard) = 0;
  // The same places in each of the shards, in one pipeline. FAILED_PRECONDITION if a shard is in another generation;
  // the others are written.
  virtual Status write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) = 0;

  // One answer for each query.
  virtual Result<std::vector<std::vector<IndexEntry>>> pages(std::span<const IndexQuery> queries) = 0;
  // Number of entries of an index in each shard, in one pipeline.
  virtual Result<std::vector<uint64_t>> counts(const std::string& index, std::span<const uint32_t> shards) = 0;
  // At most `limit` of each shard, the earliest first.
  virtual Result<std::vector<DueTimer>> due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) = 0;
};

// The relay's side of the store: leases, the outbox, trimming. Used by the relay's thread, on connections of its own.
struct OutboxEntry {
  uint64_t n = 0;
  // A serialised exchange.v1.OutboxRecord.
  std::string record;
  std::vector<std::pair<Source, MarkValue>> carried_marks;

  bool operator==(const OutboxEntry&) const = default;
};

struct OutboxRead {
  // False: another token holds the lease; nothing was read.
  bool leased = false;
  uint64_t generation = 0;
  std::vector<OutboxEntry> entries;
};

// One of several reads of the outbox.
struct OutboxQuery {
  uint32_t shard = 0;
  std::string token;
  uint64_t after = 0;
  uint32_t limit = 0;
};

// One of several leases.
struct OutboxLease {
  uint32_t shard = 0;
  std::string token;
};

// One of several trims.
struct OutboxTrim {
  uint32_t shard = 0;
  std::string token;
  uint64_t generation = 0;
  uint64_t n = 0;
  std::optional<uint64_t> offset;
};

struct ShardStatus {
  bool reconciled = false;      // it serves, see healing.h
  uint64_t generation = 0;      // 0 = never reconciled
  uint64_t last_number = 0;     // of the last event committed
  uint64_t trimmed = 0;         // up to here Kafka has it
  uint64_t trimmed_offset = 0;  // offset + 1 of that event in the partition
  uint64_t unpublished = 0;
  std::optional<Instant> oldest_unpublished;  // recorded_at of the first outbox entry
  std::string lease;                          // token, empty = free

  bool operator==(const ShardStatus&) const = default;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Of a shard that serves. UNAVAILABLE while it is not reconciled with its log; FAILED_PRECONDITION in words if the
  // data belongs to another installation, or was made with another number of shards.
  virtual Result<ShardStatus> open(uint32_t shard) = 0;
  // Takes the lease for `ttl` if it is free or already this token's; renews it. False: somebody else has it, or the
  // shard does not serve.
  virtual Result<bool> lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) = 0;
  virtual Status release(uint32_t shard, const std::string& token) = 0;
  // Waits until one of the shards has an entry after the number given, or the timeout, or interrupt(). Returns the
  // shards that have.
  virtual Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                             std::chrono::milliseconds timeout) = 0;
  // From any thread: lets wait() return.
  virtual void interrupt() = 0;
  // Entries after `n` together with the generation, in one step.
  virtual Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) = 0;
  // Everything up to n is in Kafka, the last at `offset` (next to read: offset + 1), if that is known. Refused (false)
  // under another token or generation.
  virtual Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                            std::optional<uint64_t> offset) = 0;
  // Several of these at once, one answer for each; in one pipeline where there are pipelines.
  virtual Result<std::vector<OutboxRead>> read_all(std::span<const OutboxQuery> queries) {
    std::vector<OutboxRead> reads;
    for (const OutboxQuery& query : queries) {
      auto one = read(query.shard, query.token, query.after, query.limit);
      if (!one.ok()) return one.error();
      reads.push_back(std::move(*one));
    }
    return reads;
  }
  virtual Result<std::vector<bool>> trim_all(std::span<const OutboxTrim> trims) {
    std::vector<bool> trimmed;
    for (const OutboxTrim& wanted : trims) {
      auto one = trim(wanted.shard, wanted.token, wanted.generation, wanted.n, wanted.offset);
      if (!one.ok()) return one.error();
      trimmed.push_back(*one);
    }
    return trimmed;
  }
  virtual Result<std::vector<bool>> lease_all(std::span<const OutboxLease> leases, std::chrono::milliseconds ttl) {
    std::vector<bool> leased;
    for (const OutboxLease& wanted : leases) {
      auto one = lease(wanted.shard, wanted.token, ttl);
      if (!one.ok()) return one.error();
      leased.push_back(*one);
    }
    return leased;
  }
  // One answer for each, in one pipeline.
  virtual Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) = 0;
  Result<ShardStatus> status(uint32_t shard) {
    auto one = statuses(std::span(&shard, 1));
    if (!one.ok()) return one.error();
    return std::move(one->front());
  }
};

}  // namespace tandem
