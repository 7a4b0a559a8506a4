// The engine: load, decide, commit, in batches.
//
// Requests, consumed events' commands and due timers share a batch. Commands for the same aggregate are decided one
// after the other on the state in memory; all commits share one pipeline. What a rival changed meanwhile is decided
// again, and so is everything in the batch that stood on it, a bounded number of times; then ABORTED.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/store.h"
#include "shared/base/ports.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem {

// A command on its way to its aggregate.
struct Command {
  AggregateRef target;
  // Null for timers, whose command is in the state, and for the exchange's own: `unpark` and `undecodable`.
  std::shared_ptr<const google::protobuf::Message> message;
  exchange::v1::Cause cause;
  // The epoch = now.
  Instant occurred_at{};
  CallerInfo caller;
  std::string traceparent;
  // Of a consumed event: rejections that are routine.
  std::vector<Code> ignorable;
  // Parked commands of the target: take the first, which must have this id, and apply or discard it.
  struct Unpark {
    std::string parked_id;
    bool discard = false;
    std::string reason;
  };
  std::optional<Unpark> unpark;
  // A consumed event's payload that could not be decoded; it is parked under its subject.
  std::string undecodable;
  // Of a request: it is decided, and nothing is committed.
  bool validate_only = false;
};

// What became of it.
struct Outcome {
  enum class Kind {
    kCommitted,
    kUnchanged,  // nothing to do
    kDuplicate,  // the request id is known, or the mark is past it: applied before
    kParked,     // consumed: rejected by a rule, or behind such a one
    kIgnored,    // consumed: a routine rejection
    kValidated,  // validate_only: `result` says what it would be
    kFailed,     // `error` says why; of a consumed event it is a fault that will pass
  };
  Kind kind = Kind::kFailed;
  type::v1::CommandResult result;
  Error error;
  // Of a consumed event: the target shard's mark is behind what this replica has applied, so Redis lost something. The
  // source must be read again from its places.
  bool rewind = false;
  // Of a result with a position: the generation in force when it was learnt. The event may be of an older one.
  uint64_t generation = 0;
};

struct EngineOptions {
  std::string installation;
  std::string service;
  uint32_t shards = 16;
  int attempts = 8;
  // Kafka's limit and the embedded broker's: checked before the commit, so that the outbox never holds what cannot be
  // sent.
  size_t max_event_bytes = 900 * 1024;
};

// What one batch did.
struct BatchReport {
  uint64_t commands = 0;
  uint64_t commits = 0;    // sent, repeated ones included
  uint64_t conflicts = 0;  // commits that a rival's made void
  uint64_t parked = 0;
  uint64_t rejections = 0;
  std::chrono::microseconds load{};
  std::chrono::microseconds decide{};
  std::chrono::microseconds commit{};
};

class Engine {
 public:
  Engine(const Registry& registry, Store& store, Clock& clock, Chance& chance, EngineOptions options);

  // In order; one outcome for each.
  std::vector<Outcome> execute(std::span<const Command> batch);

  // A partition was given to this replica, or taken from it, or is read again: its marks are read anew.
  void forget_marks(const Source& source);

  // Reads the generations of all shards. Once before anything is consumed, so that no change of them is missed.
  Result<std::vector<uint64_t>> look_at_generations();
  // Whether a shard was healed since the last call. Then what this replica knows of marks and places is of before: all
  // sources must be read again from their places. Until this was asked, consumed commands for that shard fail.
  bool take_healed();

  // A due timer as a command: the engine finds what is to be done in the state, if that still names it.
  static Command timer_command(const DueTimer& due);

  // Called at the end of every batch.
  void observe(std::function<void(const BatchReport&)> observer) { observer_ = std::move(observer); }

  const EngineOptions& options() const { return options_; }
  const Registry& registry() const { return registry_; }
  uint32_t shard_of(const AggregateRef& ref) const;

 private:
  friend class Batch;

  const Registry& registry_;
  Store& store_;
  Clock& clock_;
  Chance& chance_;
  EngineOptions options_;
  std::function<void(const BatchReport&)> observer_ = [](const BatchReport&) {};
  // Notes a shard's generation; false if it is another one than before, until take_healed().
  bool know_generation(uint32_t shard, uint64_t generation);

  // What this consumer last knew of each target shard's marks.
  std::map<std::pair<uint32_t, Source>, MarkValue> marks_;
  std::map<uint32_t, uint64_t> generations_;
  std::set<uint32_t> healed_;
};

}  // namespace tandem
