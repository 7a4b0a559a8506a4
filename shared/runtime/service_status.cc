// What a service says of itself: AdminService.GetStatus, metrics, /healthz.
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/text.h"
#include "shared/base/version.h"
#include "shared/runtime/service.h"

namespace tandem::runtime {
namespace {

// An event that Kafka does not have after so long is worth an alarm.
constexpr std::chrono::seconds kPublishedLate{5};
// So is a consumer group that has not said for so long what is to be read.
constexpr std::chrono::seconds kAssignedLate{10};

std::string in_seconds(std::chrono::microseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

void add_trouble(v1::ServiceStatus& status, v1::TroubleKind kind, const std::string& words) {
  status.add_troubles(words);
  status.add_trouble_kinds(kind);
}

}  // namespace

void Service::add_work(const BatchReport& report) {
  work_.set_batches(work_.batches() + 1);
  work_.set_commands(work_.commands() + report.commands);
  work_.set_commits(work_.commits() + report.commits);
  work_.set_conflicts(work_.conflicts() + report.conflicts);
  work_.set_load_microseconds(work_.load_microseconds() + static_cast<uint64_t>(report.load.count()));
  work_.set_decide_microseconds(work_.decide_microseconds() + static_cast<uint64_t>(report.decide.count()));
  work_.set_commit_microseconds(work_.commit_microseconds() + static_cast<uint64_t>(report.commit.count()));
}

Result<uint64_t> Service::count_parked() {
  auto counts = ports_.store.counts(std::string(kParkedIndex), all_shards(options_.shards));
  if (!counts.ok()) return counts.error();
  return std::accumulate(counts->begin(), counts->end(), uint64_t{0});
}

v1::ServiceStatus Service::status() {
  v1::ServiceStatus status;
  status.set_service(definition_.name);
  status.set_installation(options_.installation);
  status.set_version(kVersion);
  status.set_ready(ready_);
  status.set_shards(options_.shards);
  *status.mutable_started_at() = to_timestamp(started_at_);
  *status.mutable_now() = to_timestamp(ports_.clock.now());
  const bool store_away = add_healing(status);
  add_relay(status);
  add_subscription(status);
  const Result<uint64_t> parked = count_parked();
  if (parked.ok()) {
    status.set_parked(*parked);
    add_shards(status);
    for (const StoreProblem& problem : ports_.store_problems()) {
      add_trouble(status, problem.kind, "store: " + problem.words);
    }
  } else if (!store_away) {
    // One wait for a store that does not answer is enough: the loop has requests to answer. While shards are not
    // reconciled it may well answer, and they say why they do not serve.
    const bool serves = status.shards_unreconciled() == 0;
    add_trouble(status, serves ? v1::TROUBLE_KIND_STORE_DOWN : v1::TROUBLE_KIND_SHARD_UNRECONCILED,
                to_line(parked.error()));
  }
  return status;
}

// True: the store is away, as healing has found, and that is said.
bool Service::add_healing(v1::ServiceStatus& status) const {
  const heal::HealingState state = healing_.state();
  for (const auto& [shard, generation] : state.generations) status.add_generations(generation);
  status.set_shards_unreconciled(options_.shards - static_cast<uint32_t>(state.reconciled.size()));
  status.set_shards_healing(static_cast<uint32_t>(state.healing.size()));
  status.set_shards_refused(static_cast<uint32_t>(state.refused.size()));
  status.set_heals(state.healed);
  status.set_events_folded(state.folded);
  for (const auto& [shard, why] : state.refused) {
    add_trouble(status, v1::TROUBLE_KIND_SHARD_REFUSED,
                "shard " + std::to_string(shard) + " does not serve: " + to_line(why));
  }
  // Whether shards are reconciled nobody can know then; and who is called must hear of Redis.
  if (state.store_away) {
    add_trouble(status, v1::TROUBLE_KIND_STORE_DOWN, "store: " + to_line(*state.store_away));
  } else if (status.shards_unreconciled() > state.refused.size()) {
    add_trouble(status, v1::TROUBLE_KIND_SHARD_UNRECONCILED,
                std::to_string(status.shards_unreconciled() - state.refused.size()) +
                    " shards are not reconciled with their log since Redis came up" +
                    (state.last_error ? ": " + to_line(*state.last_error) : std::string()));
  }
  return state.store_away.has_value();
}

void Service::add_relay(v1::ServiceStatus& status) const {
  for (uint32_t shard : relay_.leases()) status.add_shards_owned(shard);
  const bus::RelayStats stats = relay_.stats();
  v1::Work& work = *status.mutable_work();
  work = work_;
  work.set_published(stats.published);
  work.set_relay_microseconds(static_cast<uint64_t>(stats.relay_time.count()));
  work.set_leases_taken(stats.leases_taken);
  work.set_leases_lost(stats.leases_lost);
  work.set_producers(stats.writers);
}

// Of all the shards of the service, those that other replicas relay included.
void Service::add_shards(v1::ServiceStatus& status) {
  const auto statuses = ports_.survey.statuses(all_shards(options_.shards));
  if (!statuses.ok()) return add_trouble(status, v1::TROUBLE_KIND_STORE_DOWN, to_line(statuses.error()));
  std::optional<Instant> oldest;
  for (const ShardStatus& at : *statuses) {
    status.set_unpublished(status.unpublished() + at.unpublished);
    status.set_events(status.events() + at.last_number);
    if (at.oldest_unpublished && (!oldest || *at.oldest_unpublished < *oldest)) oldest = at.oldest_unpublished;
  }
  if (!oldest) return;
  *status.mutable_oldest_unpublished() = to_timestamp(*oldest);
  if (const auto age = ports_.clock.now() - *oldest; age > kPublishedLate) {
    add_trouble(status, v1::TROUBLE_KIND_UNPUBLISHED,
                std::to_string(status.unpublished()) + " events are unpublished, the oldest for " + in_seconds(age) +
                    ": look after the bus");
  }
}

void Service::add_subscription(v1::ServiceStatus& status) {
  uint64_t lag = 0;
  for (const auto& [source, events] : subscription_.lag()) lag += events;
  status.set_lag(lag);
  status.set_partitions_read(static_cast<uint32_t>(subscription_.assigned().size()));
  const bus::SubscriptionStats stats = subscription_.stats();
  const auto on_the_wall = [this](Tick tick) { return ports_.clock.now() - (ports_.clock.tick() - tick); };
  std::optional<Instant> behind;
  if (stats.stuck_since) behind = on_the_wall(*stats.stuck_since);
  for (const auto& waits : {worker_.oldest_pending(), subscription_.oldest_queued()}) {
    if (waits && (!behind || *waits < *behind)) behind = waits;
  }
  if (behind) *status.mutable_behind_since() = to_timestamp(*behind);
  status.mutable_work()->set_reader_restarts(stats.restarts);
  status.mutable_work()->set_rebalances(stats.rebalances);
  if (stats.unassigned_since) {
    *status.mutable_unassigned_since() = to_timestamp(on_the_wall(*stats.unassigned_since));
    if (const auto age = ports_.clock.tick() - *stats.unassigned_since; age > kAssignedLate) {
      add_trouble(status, v1::TROUBLE_KIND_UNASSIGNED,
                  "no events are read for " + in_seconds(age) +
                      ": the consumer group gives out no partitions; look after the bus");
    }
  }
  for (const auto& [source, why] : stats.stopped) status.add_stopped(source_name(source) + ": " + to_line(why));
  if (stats.last_error) add_trouble(status, v1::TROUBLE_KIND_BUS, "bus: " + to_line(*stats.last_error));
}

// For the metrics while the service starts: a long healing is watched there, and there is no more to tell yet.
void Service::show_healing() {
  v1::ServiceStatus healing;
  *healing.mutable_now() = to_timestamp(ports_.clock.now());
  add_healing(healing);
  metrics_.status(healing);
}

// Once a second, for metrics and health.
void Service::refresh_status() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_refresh_) return;
  next_refresh_ = now + std::chrono::seconds(1);
  const v1::ServiceStatus current = status();
  metrics_.status(current);
  metrics_.server(server_->counters());
  std::vector<std::string> words(current.troubles().begin(), current.troubles().end());
  words.insert(words.end(), current.stopped().begin(), current.stopped().end());
  std::lock_guard lock(troubles_mutex_);
  troubles_ = join(words, "; ");
}

std::string Service::troubles() const {
  std::lock_guard lock(troubles_mutex_);
  return troubles_;
}

}  // namespace tandem::runtime
