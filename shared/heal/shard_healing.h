// Keeps a service's shards reconciled with their partitions: looks at them, and heals those that were not reconciled
// since their Redis came up. Every process of the service runs one; who claims a shard first heals it, the others see
// it done.
//
// All work is done by step(), on one thread; it never sleeps, and waits for the log only. What is marked "any thread"
// is safe beside it. Ports must outlive it, and be used by nobody else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/base/ports.h"
#include "shared/bus/log.h"
#include "shared/heal/partitions_reader.h"
#include "shared/heal/shard_healer.h"

namespace tandem::heal {

struct HealingOptions {
  HealerOptions healer;
  uint32_t shards = 16;
  std::chrono::milliseconds look_interval{250};    // at rest
  std::chrono::milliseconds retry{50};             // where another process heals, or one has to begin again
  std::chrono::milliseconds refused_retry{5'000};  // somebody may have brought the right log, or the right Redis
  // Nothing has come from the log for so long: what was begun is given up. Others may begin at once, and this process
  // after `refused_retry`, with a new connection.
  std::chrono::milliseconds stall{15'000};
  std::chrono::milliseconds watermark_patience{5'000};
};

struct HealingListener {
  // A shard was healed by this process.
  std::function<void(uint32_t shard, uint64_t generation, uint64_t folded)> on_healed = [](auto...) {};
  // In words: a refusal, or what cannot be reached. The same one is said once.
  std::function<void(const Error&)> on_trouble = [](const Error&) {};
};

struct HealingState {
  std::set<uint32_t> reconciled;
  std::map<uint32_t, uint64_t> generations;  // as of the last look; 0 = never reconciled
  std::set<uint32_t> healing;                // by this process, now
  std::set<uint32_t> healed_elsewhere;       // by other processes, as of the last look
  std::map<uint32_t, Error> refused;
  uint64_t healed = 0;              // by this process
  uint64_t read = 0;                // records of the log
  uint64_t folded = 0;              // events
  std::optional<Error> last_error;  // of the store or the log; gone when they answer
  // The store does not answer a look; until it does. No shard is reconciled then, but that is not what is wrong.
  std::optional<Error> store_away;
};

class ShardHealing {
 public:
  ShardHealing(Healing& healing, bus::Log& log, const Registry& registry, Clock& clock, Chance& chance,
               HealingOptions options, HealingListener listener = {});
  ~ShardHealing();

  // One round. Waits up to `timeout` for the log where it is needed. True if something moved, or should be looked at
  // again at once.
  bool step(std::chrono::milliseconds timeout);
  // When step() has something to do again.
  Tick next_step() const { return healers_.empty() ? next_look_ : Tick{}; }

  // Any thread.
  HealingState state() const;
  bool all_reconciled() const;

 private:
  using Healers = std::map<uint32_t, std::unique_ptr<ShardHealer>>;

  bool look(Tick now);
  Status begin(uint32_t shard, const ShardCondition& found);
  bool advance(ShardHealer& healer);
  bool write_fences(std::chrono::milliseconds timeout);
  bool write_fence(ShardHealer& healer);
  std::map<uint32_t, uint64_t> wanted() const;
  bool read(std::chrono::milliseconds timeout);
  bool retire(Tick now);
  void settle(ShardHealer& healer, Tick now);
  bool give_up_if_stalled();
  void give_up(const Error& why);
  void trouble(const Error& why);

  Healing& healing_;
  const Registry& registry_;
  bus::Log& log_;
  Clock& clock_;
  Chance& chance_;
  const HealingOptions options_;
  const HealingListener listener_;

  PartitionsReader reader_;
  std::unique_ptr<bus::LogWriter> writer_;
  uint64_t next_opaque_ = 1;
  std::map<uint64_t, uint32_t> fences_;  // under way: opaque -> shard
  Healers healers_;
  std::set<uint32_t> from_the_beginning_;
  std::map<uint32_t, Tick> refused_until_;  // also of those that others are to have first
  Tick next_look_{};
  Tick moved_at_{};  // a healer began, took a record, heard of its fence, folded, or came into another phase
  std::string said_;

  mutable std::mutex mutex_;
  HealingState state_;
};

}  // namespace tandem::heal
