// Which shards a replica relays.
#include <algorithm>
#include <string>
#include <utility>

#include "shared/bus/relay.h"

namespace tandem::bus {
namespace {

constexpr Millis kSurveyAtRest{1'000};
constexpr Millis kSurveyWanting{200};  // while somebody else has a lease that we want

}  // namespace

void Relay::look_after_leases(Tick now) {
  follow_preference();
  bool due = false;
  std::vector<OutboxLease> renewed;
  for (RelayShard& shard : shards_) {
    if (now < next_outbox_) return;  // it just failed
    if (!shard.leased) continue;
    if (shard.leaving && (shard.in_flight.empty() || now >= shard.renew_at)) {
      let_go(shard);
      continue;
    }
    due = due || shard.uncertain || now >= shard.renew_at;
    // Those that would be due soon are renewed with the others: one turn of the store for all.
    if (shard.uncertain || now >= shard.renew_at - renewal() / 2) renewed.push_back({shard.shard, shard.token});
  }
  if (due && now >= next_outbox_) renew(renewed, now);
  if (now >= next_survey_ && now >= next_outbox_) survey(now);
  leases_changed();
}

void Relay::follow_preference() {
  std::set<uint32_t> preferred;
  {
    std::lock_guard lock(mutex_);
    if (!std::exchange(preference_changed_, false)) return;
    preferred = preferred_.value_or(std::set<uint32_t>());
  }
  for (RelayShard& shard : shards_) {
    shard.leaving = shard.leased && !preferred.contains(shard.shard);
    shard.free_since.reset();
  }
  next_survey_ = Tick{};
}

void Relay::renew(const std::vector<OutboxLease>& leases, Tick now) {
  const auto renewed = outbox_.lease_all(leases, options_.lease_ttl);
  if (!renewed.ok()) return outbox_failed(renewed.error());
  outbox_backoff_ = Millis(0);
  for (size_t i = 0; i < leases.size(); ++i) {
    RelayShard& shard = shards_[leases[i].shard];
    if (!(*renewed)[i]) {
      lost(shard);
      continue;
    }
    shard.renew_at = now + renewal();
    if (!std::exchange(shard.uncertain, false)) continue;
    refresh(shard);
    if (now < next_outbox_) return;
    ready_.insert(shard.shard);
  }
}

// A fresh token each time: acknowledgements of an earlier tenure can never trim under it.
void Relay::acquire(RelayShard& shard, Tick now) {
  const std::string token = fresh_token(chance_);
  const auto taken = outbox_.lease(shard.shard, token, options_.lease_ttl);
  if (!taken.ok()) return outbox_failed(taken.error());
  if (!*taken) return;
  outbox_backoff_ = Millis(0);
  const auto opened = outbox_.open(shard.shard);
  if (!opened.ok()) {
    trouble(opened.error());
    const auto released = outbox_.release(shard.shard, token);
    if (!released.ok()) outbox_failed(released.error());
    return;
  }
  count([](RelayStats& stats) { ++stats.leases_taken; });
  shard.token = token;
  shard.leased = true;
  shard.leaving = false;
  shard.uncertain = false;
  shard.free_since.reset();
  shard.renew_at = now + renewal();
  refresh(shard);
  ready_.insert(shard.shard);
}

// Begins again from what was trimmed, under the generation that is in force.
void Relay::refresh(RelayShard& shard) {
  const auto status = outbox_.status(shard.shard);
  if (!status.ok()) return outbox_failed(status.error());
  if (!status->reconciled) return lost(shard);
  shard.in_flight.clear();
  shard.generation = status->generation;
  shard.trimmed = status->trimmed;
  shard.last_read = status->trimmed;
  published(shard.shard, status->generation, status->trimmed);
}

void Relay::let_go(RelayShard& shard) {
  const std::string token = shard.token;
  drop(shard);
  // Not ours any more, whatever becomes of this: an error only means that the lease runs out by itself.
  const auto released = outbox_.release(shard.shard, token);
  if (!released.ok()) outbox_failed(released.error());
}

void Relay::lost(RelayShard& shard) {
  count([](RelayStats& stats) { ++stats.leases_lost; });
  drop(shard);
}

void Relay::drop(RelayShard& shard) {
  shard.leased = false;
  shard.leaving = false;
  shard.uncertain = false;
  shard.token.clear();
  shard.forget();
  shard.free_since.reset();
  ready_.erase(shard.shard);
  next_survey_ = Tick{};
}

// The log acknowledges nothing: most likely this replica is cut off from it, though not from the outbox, or it would
// have lost its leases. Whoever is not cut off shall have them. If everybody is, leases wander, and nothing else: each
// tenure writes one record of a shard, since its producer is a new one (RelayShard::room).
//
// Nothing is trimmed that was not acknowledged, so whoever is next publishes it again. What the writer had sent may
// still arrive, also behind newer events of the next relay. That is as after a crash, and readers take it so: of the
// same generation it is the same event under the same number, so one of the two is a repetition, wherever they stand;
// if a healer came in between, it is void behind the fence. Nor can it leave a gap: the broker takes a producer's
// records of a partition in order only, and the first goes alone.
void Relay::leave_if_cut_off(Tick now) {
  const Millis patience = std::max(3 * options_.lease_ttl, options_.least_patience);
  const auto silent = std::ranges::find_if(shards_, [&](const RelayShard& shard) {
    const auto since = shard.silent_since();
    return since && now - *since >= patience;
  });
  if (silent == shards_.end()) return;
  const Error why = make_error(
      Code::kUnavailable, "Kafka has acknowledged nothing of " + events_topic_ + "[" + std::to_string(silent->shard) +
                              "] for " + std::to_string(std::chrono::floor<std::chrono::seconds>(patience).count()) +
                              " s: the leases of this replica are left to others, and the producer is made anew.");
  trim_acknowledged(true);  // what was acknowledged of other shards, is
  next_acquire_ = now + 2 * options_.lease_ttl;
  for (RelayShard& shard : shards_) {
    if (!shard.leased) continue;
    // An outbox that fails just now is not asked sixteen times: the leases run out by themselves.
    now < next_outbox_ ? drop(shard) : let_go(shard);
  }
  leases_changed();
  // Only now: ending a producer that is cut off may take a while. The next one is made at once, without leases, since
  // there are still those to be told who await what others publish.
  writer_died(why);
}

bool Relay::wanted(const RelayShard& shard, Tick now) const {
  if (now < next_acquire_) return false;
  std::lock_guard lock(mutex_);
  if (!preferred_ || preferred_->contains(shard.shard)) return true;
  // Nobody's: whoever should have it has had the time to take it.
  return shard.free_since && now - *shard.free_since >= options_.lease_ttl;
}

// How the shards are, who has them, and which can be had.
void Relay::survey(Tick now) {
  uint64_t unpublished = 0;
  std::optional<Instant> oldest;
  bool wanting = false;
  std::vector<uint32_t> all;
  for (const RelayShard& shard : shards_) all.push_back(shard.shard);
  const auto statuses = outbox_.statuses(all);
  if (!statuses.ok()) return outbox_failed(statuses.error());
  for (RelayShard& shard : shards_) {
    const ShardStatus& status = (*statuses)[shard.shard];
    unpublished += status.unpublished;
    if (status.oldest_unpublished && (!oldest || *status.oldest_unpublished < *oldest)) {
      oldest = status.oldest_unpublished;
    }
    if (shard.leased) continue;
    if (!status.lease.empty()) {
      shard.free_since.reset();
    } else if (!shard.free_since) {
      shard.free_since = now;
    }
    if (!wanted(shard, now)) continue;
    if (status.lease.empty() && status.reconciled) acquire(shard, now);
    if (now < next_outbox_) return;
    wanting = wanting || !shard.leased;
  }
  outbox_backoff_ = Millis(0);
  next_survey_ = now + (wanting ? kSurveyWanting : kSurveyAtRest);
  count([&](RelayStats& stats) {
    stats.unpublished = unpublished;
    stats.oldest_unpublished = oldest;
  });
}

void Relay::leases_changed() {
  std::set<uint32_t> now;
  for (const RelayShard& shard : shards_) {
    if (shard.leased) now.insert(shard.shard);
  }
  {
    std::lock_guard lock(mutex_);
    if (now == leases_) return;
    leases_ = now;
  }
  listener_.on_leases(now);
}

void Relay::prefer(std::set<uint32_t> shards) {
  {
    std::lock_guard lock(mutex_);
    if (preferred_ == shards) return;
    preferred_ = std::move(shards);
    preference_changed_ = true;
    nudged_ = true;
  }
  wake_.notify_all();
  outbox_.interrupt();
}

bool Relay::await(uint32_t shard, uint64_t generation, uint64_t n) {
  {
    std::lock_guard lock(mutex_);
    const Awaited& known = published_[shard];
    if (known.generation == generation && known.n >= n) return true;
    Awaited& awaited = awaited_[shard];
    awaited.n = awaited.generation == generation ? std::max(awaited.n, n) : n;
    awaited.generation = generation;
    // The trim will say it, unless it is one that takes its time; but that it is another generation by now, nobody says
    // twice.
    if (leases_.contains(shard) && known.generation == generation && !next_trim_) return false;
    nudged_ = true;
  }
  wake_.notify_all();
  outbox_.interrupt();
  return false;
}

// Of shards that another replica relays, only their status tells. Of our own, the trim, unless the generation has
// ended.
void Relay::look_at_awaited() {
  std::map<uint32_t, Awaited> awaited;
  std::vector<Awaited> known;
  {
    std::lock_guard lock(mutex_);
    if (awaited_.empty()) return;
    awaited = awaited_;
    known = published_;
  }
  for (const auto& [shard, wanted] : awaited) {
    if (shards_[shard].leased) {
      if (known[shard].generation != wanted.generation) published(shard, known[shard].generation, known[shard].n);
      continue;
    }
    const auto status = outbox_.status(shard);
    if (!status.ok()) return outbox_failed(status.error());
    if (status->generation != wanted.generation || status->trimmed >= wanted.n) {
      published(shard, status->generation, status->trimmed);
    }
  }
}

}  // namespace tandem::bus
