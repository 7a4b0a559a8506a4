#include "shared/heal/shard_healing.h"

#include <algorithm>
#include <utility>

namespace tandem::heal {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kRecordsOfAStep = 512;  // before what was read is folded

}  // namespace

ShardHealing::ShardHealing(Healing& healing, bus::Log& log, const Registry& registry, Clock& clock, Chance& chance,
                           HealingOptions options, HealingListener listener)
    : healing_(healing),
      registry_(registry),
      log_(log),
      clock_(clock),
      chance_(chance),
      options_(std::move(options)),
      listener_(std::move(listener)),
      reader_(log, bus::events_topic(options_.healer.service)) {}

ShardHealing::~ShardHealing() = default;

bool ShardHealing::step(milliseconds timeout) {
  const Tick now = clock_.tick();
  bool moved = false;
  if (healers_.empty()) {
    if (now < next_look_) return false;
    moved = look(now);
    if (healers_.empty()) return moved;
    moved_at_ = clock_.tick();
  }
  for (auto& [shard, healer] : healers_) {
    if (!advance(*healer)) return false;  // all was given up
  }
  moved = write_fences(timeout) || moved;
  moved = read(moved ? milliseconds(0) : timeout) || moved;
  moved = retire(now) || moved;
  if (give_up_if_stalled()) return false;
  return moved || !healers_.empty();
}

bool ShardHealing::look(Tick now) {
  next_look_ = now + options_.look_interval;
  const std::vector<uint32_t> shards = all_shards(options_.shards);
  const auto conditions = healing_.look(shards);
  if (!conditions.ok()) {
    give_up(conditions.error());
    std::lock_guard lock(mutex_);
    const bool away = conditions.error().code == Code::kUnavailable;
    state_.store_away = away ? std::optional(conditions.error()) : std::nullopt;
    return false;
  }
  {
    std::lock_guard lock(mutex_);
    state_.last_error.reset();
    state_.store_away.reset();
    state_.reconciled.clear();
    state_.healed_elsewhere.clear();
    for (uint32_t shard : shards) {
      const ShardCondition& found = (*conditions)[shard];
      state_.generations[shard] = found.generation;
      if (!found.reconciled && found.claimed) state_.healed_elsewhere.insert(shard);
      if (!found.reconciled) continue;
      state_.reconciled.insert(shard);
      state_.refused.erase(shard);
      refused_until_.erase(shard);
    }
  }
  for (uint32_t shard : shards) {
    if ((*conditions)[shard].reconciled) continue;
    if ((*conditions)[shard].claimed) {
      next_look_ = now + options_.retry;  // somebody heals it
      continue;
    }
    if (const auto refused = refused_until_.find(shard); refused != refused_until_.end() && now < refused->second) {
      continue;
    }
    if (Status begun = begin(shard, (*conditions)[shard]); !begun.ok()) {
      give_up(begun.error());
      return false;
    }
  }
  return !healers_.empty();
}

Status ShardHealing::begin(uint32_t shard, const ShardCondition& found) {
  TANDEM_ASSIGN_OR_RETURN(const bus::Watermarks log, reader_.watermarks(shard, options_.watermark_patience));
  HealerOptions options = options_.healer;
  options.retention_advice = log_.retention_advice();
  healers_[shard] =
      std::make_unique<ShardHealer>(ShardHealer::Ports{healing_, registry_, clock_, chance_}, std::move(options), shard,
                                    found, log, from_the_beginning_.erase(shard) > 0);
  std::lock_guard lock(mutex_);
  state_.healing.insert(shard);
  return {};
}

// False: the store does not answer.
bool ShardHealing::advance(ShardHealer& healer) {
  Status done;
  const uint64_t folded = healer.folded();
  const auto phase = healer.phase();
  if (healer.phase() == ShardHealer::Phase::kClaiming) {
    done = healer.claim();
    if (done.ok() && healer.phase() == ShardHealer::Phase::kFencing && !write_fence(healer)) return false;
  } else {
    done = healer.advance();
  }
  if (healer.folded() > folded) {
    std::lock_guard lock(mutex_);
    state_.folded += healer.folded() - folded;
  }
  if (healer.folded() > folded || healer.phase() != phase) moved_at_ = clock_.tick();
  if (done.ok()) return true;
  give_up(done.error());
  return false;
}

bool ShardHealing::write_fence(ShardHealer& healer) {
  if (!writer_) {
    auto made = log_.make_writer();
    if (!made.ok()) {
      give_up(made.error());
      return false;
    }
    writer_ = std::move(made).value();
  }
  const auto taken =
      writer_->produce(bus::events_topic(options_.healer.service), healer.shard(), healer.fence(), next_opaque_);
  if (!taken.ok() || !*taken) {
    give_up(taken.ok() ? make_error(Code::kUnavailable, "the producer's queue is full") : taken.error());
    return false;
  }
  fences_[next_opaque_++] = healer.shard();
  return true;
}

bool ShardHealing::write_fences(milliseconds timeout) {
  if (fences_.empty()) return false;
  bus::LogWriter::Poll polled = writer_->poll(timeout);
  bool moved = false;
  for (const bus::Delivery& delivery : polled.deliveries) {
    const auto found = fences_.find(delivery.opaque);
    if (found == fences_.end()) continue;  // of a healing that is over
    ShardHealer& healer = *healers_.at(found->second);
    fences_.erase(found);
    // Whether it is there or not: the next healer reads what is.
    healer.fenced(delivery.error ? bus::kUnknownOffset : delivery.offset);
    moved_at_ = clock_.tick();
    moved = true;
  }
  if (polled.fatal) {
    give_up(*polled.fatal);
    return true;
  }
  return moved;
}

std::map<uint32_t, uint64_t> ShardHealing::wanted() const {
  std::map<uint32_t, uint64_t> wanted;
  for (const auto& [shard, healer] : healers_) {
    if (const auto next = healer->wants()) wanted[shard] = *next;
  }
  return wanted;
}

// What healers want next is what comes next, until one of them needs no more; where one begins again, it is told before
// the next step.
bool ShardHealing::read(milliseconds timeout) {
  const auto from = wanted();
  if (from.empty()) return false;
  if (Status reading = reader_.read(from); !reading.ok()) {
    give_up(reading.error());
    return true;
  }
  uint64_t taken = 0;
  while (taken < kRecordsOfAStep) {
    auto record = reader_.poll(taken == 0 ? timeout : milliseconds(0));
    if (!record.ok()) trouble(record.error());
    if (!record.ok() || !*record) break;
    ++taken;
    const auto healer = healers_.find((*record)->partition);
    if (healer == healers_.end()) continue;
    const auto next = healer->second->wants();
    healer->second->take(**record);
    // One that it does not need is no progress.
    if (healer->second->wants() != next) moved_at_ = clock_.tick();
    if (!healer->second->wants() && wanted().empty()) break;
  }
  std::lock_guard lock(mutex_);
  state_.read += taken;
  return taken > 0;
}

bool ShardHealing::retire(Tick now) {
  bool moved = false;
  for (auto at = healers_.begin(); at != healers_.end();) {
    const auto phase = at->second->phase();
    const bool over = phase == ShardHealer::Phase::kDone || phase == ShardHealer::Phase::kAgain ||
                      phase == ShardHealer::Phase::kRefused;
    if (over) {
      std::erase_if(fences_, [&](const auto& fence) { return fence.second == at->first; });
      settle(*at->second, now);
    }
    at = over ? healers_.erase(at) : std::next(at);
    moved = moved || over;
  }
  if (healers_.empty()) {
    reader_.close();
    writer_.reset();
    fences_.clear();
  }
  return moved;
}

void ShardHealing::settle(ShardHealer& healer, Tick now) {
  const uint32_t shard = healer.shard();
  const auto phase = healer.phase();
  next_look_ = std::min(next_look_, now + options_.retry);
  {
    std::lock_guard lock(mutex_);
    state_.healing.erase(shard);
    if (phase == ShardHealer::Phase::kDone) {
      state_.reconciled.insert(shard);
      state_.generations[shard] = healer.generation();
      state_.refused.erase(shard);
      ++state_.healed;
    }
    if (phase == ShardHealer::Phase::kRefused) state_.refused[shard] = healer.refusal();
  }
  if (phase == ShardHealer::Phase::kDone) {
    refused_until_.erase(shard);
    listener_.on_healed(shard, healer.generation(), healer.folded());
  } else if (phase == ShardHealer::Phase::kRefused) {
    refused_until_[shard] = now + options_.refused_retry;
    trouble(healer.refusal());
  } else if (healer.wants_the_beginning()) {
    from_the_beginning_.insert(shard);
  }
}

// A claim is renewed for as long as its healer lives: one that gets no further would keep the other replicas out for
// ever. Whoever waits for another one's claim has no healer, and nothing to give up.
bool ShardHealing::give_up_if_stalled() {
  const Tick now = clock_.tick();
  if (healers_.empty() || now < moved_at_ + options_.stall) return false;
  for (const auto& [shard, healer] : healers_) refused_until_[shard] = now + options_.refused_retry;
  const auto patience = std::chrono::duration_cast<std::chrono::seconds>(options_.stall);
  give_up(make_error(Code::kUnavailable,
                     "the log has neither acknowledged a fence nor given a record for " +
                         std::to_string(patience.count()) +
                         " s; other replicas may heal now, and this one begins again with a new connection: see "
                         "whether it reaches Kafka"));
  return true;
}

// The store or the log does not answer, or it is a new connection: whatever was begun, nobody knows what it is worth.
void ShardHealing::give_up(const Error& why) {
  for (auto& [shard, healer] : healers_) healer->abandon();
  healers_.clear();
  fences_.clear();
  reader_.close();
  writer_.reset();
  next_look_ = clock_.tick() + options_.retry;
  trouble(why);
  std::lock_guard lock(mutex_);
  state_.healing.clear();
  state_.healed_elsewhere.clear();
  state_.reconciled.clear();
  state_.last_error = why;
}

void ShardHealing::trouble(const Error& why) {
  const std::string line = to_line(why);
  if (std::exchange(said_, line) != line) listener_.on_trouble(why);
}

HealingState ShardHealing::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

bool ShardHealing::all_reconciled() const {
  std::lock_guard lock(mutex_);
  return state_.reconciled.size() == options_.shards;
}

}  // namespace tandem::heal
