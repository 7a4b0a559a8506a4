// What the relay does about that the log has acknowledged.
#include <algorithm>

#include "shared/base/teeth.h"
#include "shared/bus/relay.h"

namespace tandem::bus {

bool Relay::trim_acknowledged(bool at_once) {
  std::vector<OutboxTrim> trims;
  for (const RelayShard& shard : shards_) {
    if (!shard.leased || shard.uncertain || shard.in_flight.empty()) continue;
    const auto last = shard.acknowledged();
    if (!last) continue;
    if (TANDEM_TOOTH(kW05)) published(shard.shard, shard.generation, last->n);
    const std::optional<uint64_t> offset = *last->offset == kUnknownOffset ? std::nullopt : last->offset;
    trims.push_back({shard.shard, shard.token, shard.generation, last->n, offset});
  }
  if (!trim_now(!trims.empty(), at_once)) return false;
  const auto trimmed = outbox_.trim_all(trims);
  if (!trimmed.ok()) {
    outbox_failed(trimmed.error());
    return false;
  }
  bool moved = false;
  for (size_t i = 0; i < trims.size(); ++i) moved = note_trim(trims[i], (*trimmed)[i]) || moved;
  return moved;
}

// Whether what is acknowledged, if anything, is trimmed now, or with what else is acknowledged soon.
bool Relay::trim_now(bool acknowledged, bool at_once) {
  const Tick now = clock_.tick();
  const bool leaving = std::ranges::any_of(shards_, [](const RelayShard& shard) { return shard.leaving; });
  std::lock_guard lock(mutex_);
  if (acknowledged && !next_trim_) next_trim_ = now + options_.trim_every;
  const bool waits = acknowledged && !at_once && !leaving && !stopping_ && awaited_.empty() && now < *next_trim_;
  if (!waits) next_trim_.reset();
  return acknowledged && !waits;
}

bool Relay::note_trim(const OutboxTrim& trim, bool trimmed) {
  RelayShard& shard = shards_[trim.shard];
  if (!trimmed) {
    count([](RelayStats& stats) { ++stats.trims_refused; });
    trouble(make_error(Code::kAborted, "Trimming shard " + std::to_string(shard.shard) +
                                           " was refused: another replica has the lease, or the generation is new."));
    let_go(shard);
    return false;
  }
  const uint64_t news = trim.n - shard.trimmed;
  relayed(shard, trim.n);
  shard.trimmed_to(trim.n);
  count([news](RelayStats& stats) { stats.published += news; });
  published(shard.shard, shard.generation, trim.n);
  return true;
}

// How long what is being trimmed took. The clocks of two replicas may differ: less than nothing is nothing.
void Relay::relayed(const RelayShard& shard, uint64_t up_to) {
  const Instant now = clock_.now();
  std::vector<std::chrono::microseconds> times;
  std::chrono::microseconds sum{};
  for (const RelayShard::InFlight& entry : shard.in_flight) {
    if (entry.n > up_to) break;
    times.push_back(std::max(now - entry.recorded_at, std::chrono::microseconds(0)));
    sum += times.back();
  }
  count([sum](RelayStats& stats) { stats.relay_time += sum; });
  listener_.on_relayed(times);
}

}  // namespace tandem::bus
