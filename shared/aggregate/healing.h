// What a healer needs of a store: the shards' healing side. Two implementations: Redis (shared/store/redis_healing.h)
// and memory (shared/store/memory_healing.h).
//
// A shard is reconciled with its partition of the log for one instance of Redis. While it is not, it takes no commits,
// gives no lease to relays, and lets nothing be read from its outbox. Healing it goes claim, fold..., finish; all of it
// under the claim's token, which replaces whatever lease a relay had. shared/heal has the procedure, and docs/decisions
// the reasons.
//
// Used by one thread. Errors: UNAVAILABLE (no answer; a new connection: look again), FAILED_PRECONDITION (the data
// belongs to another installation, or has another number of shards).
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"

namespace tandem {

// How a shard was found. All zero and empty where Redis has nothing of it.
struct ShardCondition {
  // It serves: it was reconciled since this instance of Redis came up.
  bool reconciled = false;
  // A healer has it.
  bool claimed = false;
  // In force when it was last reconciled; 0 = never.
  uint64_t generation = 0;
  uint64_t number = 0;  // of the last event committed
  uint64_t trimmed = 0;
  // The log has everything up to `trimmed` before this offset. Together with `generation` it is a reader's cursor.
  uint64_t offset = 0;
  // What stands at offset - 1: an event's version, or a fence's nonce. Empty: not known.
  std::string anchor;

  bool operator==(const ShardCondition&) const = default;
};

struct Claim {
  enum class Verdict {
    kClaimed,    // the token holds the shard until the time given is over; fold() and renew() extend it
    kBusy,       // another healer has it
    kNotNeeded,  // the shard is reconciled
  };
  Verdict verdict = Verdict::kBusy;
  ShardCondition condition;

  bool operator==(const Claim&) const = default;
};

// An aggregate as events of the log have left it.
struct FoldedAggregate {
  AggregateRef ref;
  Stored stored;
};

struct FoldedRequest {
  std::string request_id;
  Reply reply;
  // When it is forgotten; in the future.
  Instant expires{};
};

// What events `from` + 1 to `to` come to, taken together. Of changes of the same index entry or timer the last counts.
struct FoldedEvents {
  uint64_t from = 0;
  uint64_t to = 0;
  std::vector<FoldedAggregate> aggregates;
  std::vector<IndexChange> indexes;
  std::vector<TimerChange> timers;
  std::vector<std::pair<Source, MarkValue>> marks;
  std::vector<FoldedRequest> requests;
};

// Everything of the log up to the fence is in the shard.
struct Reconciliation {
  // The fence's offset + 1, greater than the shard's.
  uint64_t generation = 0;
  // Number of the log's last event; what the outbox has up to it is removed.
  uint64_t number = 0;
  // Of the fence.
  std::string nonce;
};

struct UnpublishedEvent {
  uint64_t n = 0;
  std::string version;

  bool operator==(const UnpublishedEvent&) const = default;
};

// UNAVAILABLE, for a moment: it is not known whether this Redis has all that the shard's log has.
Error not_serving(uint32_t shard);
// The same in words, without what to do.
std::string why_not_serving(uint32_t shard);

class Healing {
 public:
  virtual ~Healing() = default;

  // One answer for each, in one pipeline.
  virtual Result<std::vector<ShardCondition>> look(std::span<const uint32_t> shards) = 0;
  // `token` is fresh: it was never used before.
  virtual Result<Claim> claim(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) = 0;
  // False from here on: the token has lost the shard (its time was over, or Redis was replaced); nothing is done.
  virtual Result<bool> renew(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) = 0;
  // Also false if the shard's last number is not `from`.
  virtual Result<bool> fold(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl,
                            const FoldedEvents& events, Instant now) = 0;
  // Ends the claim: the shard serves.
  virtual Result<bool> finish(uint32_t shard, const std::string& token, const Reconciliation& end) = 0;
  // Gives the claim up; the shard stays as it is.
  virtual Status abandon(uint32_t shard, const std::string& token) = 0;

  // One answer for each, empty for what does not exist.
  virtual Result<std::vector<Stored>> load(uint32_t shard, std::span<const AggregateRef> aggregates) = 0;
  // At most `limit` of the events that were not trimmed, with numbers greater than `after`.
  virtual Result<std::vector<UnpublishedEvent>> unpublished(uint32_t shard, uint64_t after, uint32_t limit) = 0;
};

}  // namespace tandem
