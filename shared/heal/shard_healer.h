// The healing of one shard, step by step: read its partition to the end, claim the shard, append a fence, fold what
// Redis lacks, finish. Pure but for the Healing port: who has the log gives it records and tells it where its fence
// went.
//
//   kReading   give it records, until it says kClaiming: it has read to where the log ended when it began
//   kClaiming  call claim()
//   kFencing   append fence() to the log, and tell where it went with fenced()
//   kFolding   give it records up to the fence, and call advance()
//   kDone      the shard serves
//   kAgain     begin again with a new healer: another one was faster, the fence did not count, the claim is over
//   kRefused   refusal() says in words why the log cannot be the one that belongs to this Redis
//
// The order is the protocol's: the generation is learnt before the claim, the fence is written after it. Everything
// after the claim is done under its token, which nobody else has.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/base/ports.h"
#include "shared/bus/log.h"
#include "shared/heal/folder.h"
#include "shared/heal/replay.h"

namespace tandem::heal {

struct HealerOptions {
  std::string installation;
  std::string service;
  std::chrono::milliseconds claim_ttl{10'000};  // extended at a third
  size_t fold_events = 256;                     // of one step of the fold
  size_t fold_bytes = 1 << 20;
  // Events that are kept from the first reading until the fence stands; more are read twice. And that advance()
  // leaves over while it folds: more are folded at once, or reading would outrun folding.
  size_t kept_events = 2'000;
  size_t kept_bytes = 4 << 20;
  // Log::retention_advice(), for the refusal of a log that has lost events.
  std::string retention_advice = {};
};

class ShardHealer {
 public:
  enum class Phase { kReading, kClaiming, kFencing, kFolding, kDone, kAgain, kRefused };

  struct Ports {
    Healing& healing;
    const Registry& registry;
    Clock& clock;
    Chance& chance;
  };

  // `found` is how the shard is, `log` how its partition is. `from_the_beginning`: an earlier healer found that the
  // place which Redis has noted is of no use.
  ShardHealer(Ports ports, HealerOptions options, uint32_t shard, const ShardCondition& found,
              const bus::Watermarks& log, bool from_the_beginning);

  Phase phase() const { return phase_; }
  uint32_t shard() const { return shard_; }
  // The offset of the record that it needs next; nothing while it needs none.
  std::optional<uint64_t> wants() const;
  void take(const bus::LogRecord& record);

  // Errors of these are UNAVAILABLE: the store does not answer. Begin again then, with what look() says.
  Status claim();
  Status advance();
  // Gives the claim up, if there is one.
  void abandon();

  bus::Record fence() const;
  // At `offset`, if that is known.
  void fenced(uint64_t offset);

  // kAgain: the next one is to read from the beginning.
  bool wants_the_beginning() const { return wants_the_beginning_; }
  const Error& refusal() const { return refusal_; }
  // kDone.
  uint64_t generation() const { return fence_offset_.value_or(0) + 1; }
  uint64_t folded() const { return folded_; }

 private:
  void refuse(Error why);
  void again();
  void failed(const Error& why);
  void keep(bus::EventRecord event);
  void end_of_first_reading();
  bool enough() const;
  bool too_many() const;
  std::vector<bus::EventRecord> next_chunk();
  Status fold();
  Status finish();
  Status compare_last_common();

  Ports ports_;
  HealerOptions options_;
  uint32_t shard_;
  ShardCondition found_;
  bus::Watermarks log_;
  ReplayStart start_;
  Replay replay_;
  Folder folder_;
  Phase phase_ = Phase::kReading;
  // The last event that both have, if it was read: maybe it is not the same.
  std::optional<UnpublishedEvent> common_;
  uint64_t compared_ = 0;  // up to here it is
  // Accepted, and not in Redis.
  std::deque<bus::EventRecord> missing_;
  size_t missing_bytes_ = 0;
  bool keeps_ = true;  // in the first reading
  uint64_t ends_ = 0;  // the generation that the fence names
  std::string token_;
  std::string nonce_;
  std::optional<uint64_t> fence_offset_;
  bool fence_seen_ = false;
  uint64_t number_ = 0;  // of the last event that Redis has
  uint64_t folded_ = 0;
  Tick renew_at_{};
  bool wants_the_beginning_ = false;
  Error refusal_;
};

}  // namespace tandem::heal
