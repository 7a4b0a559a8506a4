#include "shared/heal/shard_healer.h"

#include <algorithm>
#include <utility>

#include "shared/base/teeth.h"

namespace tandem::heal {
namespace {

// What Redis has noted is a reader's cursor, and it knows what stands before it, as long as the log still has that.
ReplayStart start_of(const ShardCondition& found, const bus::Watermarks& log, bool from_the_beginning) {
  if (TANDEM_TOOTH(kE02) || from_the_beginning || found.generation == 0 || found.offset == 0) return {};
  ReplayStart start{{found.offset, found.generation, found.trimmed}, found.anchor};
  if (log.low >= found.offset) start.anchor.clear();
  return start;
}

// What it takes while it is kept.
size_t size_of(const bus::EventRecord& event) { return event.payload.size() + sizeof(bus::EventRecord); }

std::string name_of(const HealerOptions& options, uint32_t shard) {
  return bus::events_topic(options.service) + "[" + std::to_string(shard) + "]";
}

}  // namespace

ShardHealer::ShardHealer(Ports ports, HealerOptions options, uint32_t shard, const ShardCondition& found,
                         const bus::Watermarks& log, bool from_the_beginning)
    : ports_(ports),
      options_(std::move(options)),
      shard_(shard),
      found_(found),
      log_(log),
      start_(start_of(found, log, from_the_beginning)),
      replay_(options_.installation, start_),
      folder_(ports.registry),
      number_(found.number) {
  if (TANDEM_TOOTH(kE02)) found_.offset = 0;
  if (log.high < found_.offset) {
    refuse(make_error(Code::kFailedPrecondition,
                      name_of(options_, shard) + " ends at offset " + std::to_string(log.high) +
                          ", but Redis has published up to " + std::to_string(found_.offset) +
                          ": this is another log, or it has lost events; use the one that belongs to "
                          "this Redis, or bring it back whole"));
  } else if (log.low > replay_.next()) {
    failed(make_error(Code::kDataLoss, name_of(options_, shard_) + " begins with offset " + std::to_string(log.low) +
                                           ", but offset " + std::to_string(replay_.next()) + " is needed"));
  } else if (replay_.next() >= log_.high) {
    end_of_first_reading();
  }
}

void ShardHealer::refuse(Error why) {
  abandon();
  refusal_ = std::move(why);
  phase_ = Phase::kRefused;
}

void ShardHealer::again() {
  abandon();
  phase_ = Phase::kAgain;
}

// Of reading or folding. Events that are missing after the place that Redis has noted may only have been written out of
// order there, by a relay that had lost its lease: from the beginning it shows.
void ShardHealer::failed(const Error& why) {
  if (why.code == Code::kDataLoss && !replay_.from_the_beginning()) {
    wants_the_beginning_ = true;
    return again();
  }
  Error words = why;
  if (why.code == Code::kDataLoss) words.message += ". " + options_.retention_advice;
  refuse(std::move(words));
}

void ShardHealer::abandon() {
  if (token_.empty()) return;
  // An error only means that the claim runs out by itself.
  (void)ports_.healing.abandon(shard_, std::exchange(token_, {})).ok();
}

std::optional<uint64_t> ShardHealer::wants() const {
  const bool reads = phase_ == Phase::kReading || (phase_ == Phase::kFolding && !fence_seen_);
  return reads ? std::optional(replay_.next()) : std::nullopt;
}

void ShardHealer::take(const bus::LogRecord& record) {
  const auto next = wants();
  if (!next || record.offset < *next) return;
  auto seen = replay_.take(record);
  if (!seen.ok()) return failed(seen.error());
  if (seen->event) keep(std::move(*seen->event));
  if (phase_ == Phase::kReading && replay_.next() >= log_.high) return end_of_first_reading();
  if (phase_ != Phase::kFolding || record.offset < *fence_offset_) return;
  fence_seen_ = seen->fence == nonce_;
  // Another healer's fence came first, and ours names a generation that had ended.
  if (!fence_seen_) again();
}

void ShardHealer::keep(bus::EventRecord event) {
  const uint64_t n = event.envelope.position().number();
  if (n <= found_.number) common_ = {n, event.envelope.version()};
  if (n <= number_ || !keeps_) return;
  missing_bytes_ += size_of(event);
  missing_.push_back(std::move(event));
  if (phase_ != Phase::kReading || !too_many()) return;
  keeps_ = false;
  missing_.clear();
  missing_bytes_ = 0;
}

void ShardHealer::end_of_first_reading() {
  ends_ = replay_.cursor().generation;
  if (replay_.cursor().n < found_.trimmed) {
    return refuse(make_error(Code::kFailedPrecondition,
                             name_of(options_, shard_) + " ends with event " + std::to_string(replay_.cursor().n) +
                                 ", but Redis has published up to event " + std::to_string(found_.trimmed) +
                                 ": this is another log, or it has lost events; use the one that belongs to this "
                                 "Redis, or bring it back whole"));
  }
  phase_ = Phase::kClaiming;
}

Status ShardHealer::claim() {
  // Before anything is written: a fence in a log that is not ours would end the generation of those whose it is.
  TANDEM_RETURN_IF_ERROR(compare_last_common());
  if (phase_ == Phase::kRefused) return {};
  const std::string token = fresh_token(ports_.chance);
  auto claimed = ports_.healing.claim(shard_, token, options_.claim_ttl);
  if (!claimed.ok() && claimed.code() == Code::kFailedPrecondition) {
    refuse(claimed.error());
    return {};
  }
  if (!claimed.ok()) return claimed.error();
  if (claimed->verdict != Claim::Verdict::kClaimed) {
    again();
    return {};
  }
  token_ = token;
  renew_at_ = ports_.clock.tick() + options_.claim_ttl / 3;
  // Somebody may have folded some of it meanwhile, and died.
  number_ = claimed->condition.number;
  while (!missing_.empty() && missing_.front().envelope.position().number() <= number_) {
    missing_bytes_ -= size_of(missing_.front());
    missing_.pop_front();
  }
  nonce_ = fresh_token(ports_.chance);
  phase_ = Phase::kFencing;
  if (TANDEM_TOOTH(kE02)) {
    fence_offset_ = std::max(ends_, found_.generation);
    fence_seen_ = true;
    phase_ = Phase::kFolding;
  }
  return {};
}

bus::Record ShardHealer::fence() const {
  exchange::v1::Fence fence;
  fence.set_ends(ends_);
  fence.set_nonce(nonce_);
  return bus::encode_fence(options_.installation, options_.service, shard_, fence, ports_.clock.now());
}

void ShardHealer::fenced(uint64_t offset) {
  if (phase_ != Phase::kFencing) return;  // the claim ran out meanwhile
  if (offset == bus::kUnknownOffset) return again();
  fence_offset_ = offset;
  phase_ = Phase::kFolding;
  if (!keeps_) {
    replay_ = Replay(options_.installation, start_);
    keeps_ = true;
  }
  // Nothing stands between the end that was read and the fence: it counts, and need not be read.
  if (replay_.next() == offset) {
    take({bus::events_topic(options_.service), shard_, offset, fence()});
  }
}

bool ShardHealer::enough() const {
  return missing_.size() >= options_.fold_events || missing_bytes_ >= options_.fold_bytes;
}

bool ShardHealer::too_many() const {
  return missing_.size() > options_.kept_events || missing_bytes_ > options_.kept_bytes;
}

// One chunk, since others wait for this thread and their claims run; as many as it takes where more has come than may
// be kept. That is no more than was read in one step, so the step stays short.
Status ShardHealer::advance() {
  if (token_.empty()) return {};
  if (phase_ == Phase::kFolding && !missing_.empty() && (enough() || fence_seen_)) {
    do {
      TANDEM_RETURN_IF_ERROR(fold());
    } while (phase_ == Phase::kFolding && too_many());
    return {};
  }
  if (phase_ == Phase::kFolding && fence_seen_) return finish();
  const Tick now = ports_.clock.tick();
  if (now < renew_at_) return {};
  TANDEM_ASSIGN_OR_RETURN(const bool renewed, ports_.healing.renew(shard_, token_, options_.claim_ttl));
  renew_at_ = now + options_.claim_ttl / 3;
  if (!renewed) again();
  return {};
}

std::vector<bus::EventRecord> ShardHealer::next_chunk() {
  std::vector<bus::EventRecord> chunk;
  while (!missing_.empty() && chunk.size() < options_.fold_events) {
    missing_bytes_ -= size_of(missing_.front());
    chunk.push_back(std::move(missing_.front()));
    missing_.pop_front();
  }
  return chunk;
}

// Whatever goes wrong, this healer is over: the chunk need not be put back.
Status ShardHealer::fold() {
  TANDEM_RETURN_IF_ERROR(compare_last_common());
  if (phase_ == Phase::kRefused) return {};
  const std::vector<bus::EventRecord> chunk = next_chunk();
  const auto load = [this](std::span<const AggregateRef> refs) { return ports_.healing.load(shard_, refs); };
  const Instant now = ports_.clock.now();
  auto folded = folder_.fold(chunk, load, now);
  if (!folded.ok()) {
    if (folded.code() == Code::kUnavailable) return folded.error();
    failed(folded.error());
    return {};
  }
  TANDEM_ASSIGN_OR_RETURN(const bool done, ports_.healing.fold(shard_, token_, options_.claim_ttl, *folded, now));
  if (!done) {
    again();
    return {};
  }
  renew_at_ = ports_.clock.tick() + options_.claim_ttl / 3;
  number_ = folded->to;
  folded_ += chunk.size();
  return {};
}

// Refuses if the last event that both have is not the same one. Those up to `trimmed` are known by the anchor.
Status ShardHealer::compare_last_common() {
  if (!common_ || common_->n <= std::max(found_.trimmed, compared_)) return {};
  TANDEM_ASSIGN_OR_RETURN(const auto events, ports_.healing.unpublished(shard_, common_->n - 1, 1));
  compared_ = common_->n;
  if (events.empty() || events[0].n != common_->n || events[0].version == common_->version) return {};
  refuse(make_error(
      Code::kFailedPrecondition,
      "event " + std::to_string(common_->n) + " in Redis is not the one in " + name_of(options_, shard_) +
          ": the two have gone different ways (a failover that lost acknowledged commits?); bring back the Redis that "
          "has published to this log, or empty this one, so that it is rebuilt from the log"));
  return {};
}

Status ShardHealer::finish() {
  TANDEM_RETURN_IF_ERROR(compare_last_common());
  if (phase_ == Phase::kRefused) return {};
  const Reconciliation end{*fence_offset_ + 1, replay_.cursor().n, nonce_};
  TANDEM_ASSIGN_OR_RETURN(const bool done, ports_.healing.finish(shard_, token_, end));
  if (!done) {
    again();
    return {};
  }
  token_.clear();
  phase_ = Phase::kDone;
  return {};
}

}  // namespace tandem::heal
