#include "shared/runtime/worker.h"

#include <algorithm>
#include <utility>

#include "shared/aggregate/healing.h"
#include "shared/base/teeth.h"

namespace tandem::runtime {

Result<std::vector<std::vector<Place>>> places_of_all(Store& store, uint32_t shards) {
  LoadBatch wanted;
  wanted.shards = all_shards(shards);
  TANDEM_ASSIGN_OR_RETURN(const Loaded loaded, store.load(wanted));
  std::vector<std::vector<Place>> all;
  for (uint32_t shard = 0; shard < shards; shard++) {
    if (loaded.generations[shard] == 0) return not_serving(shard);
    TANDEM_ASSIGN_OR_RETURN(std::vector<Place> places, store.places(shard));
    all.push_back(std::move(places));
  }
  return all;
}

Worker::Worker(const ServiceDefinition& definition, Engine& engine, Store& store, bus::Subscription& subscription,
               bus::Relay& relay, Clock& clock, WorkerOptions options)
    : engine_(engine),
      store_(store),
      subscription_(subscription),
      relay_(relay),
      clock_(clock),
      options_(std::move(options)),
      inbox_(definition.reactions) {}

std::vector<Outcome> Worker::step(std::vector<Command> requests) {
  const size_t requested = requests.size();
  std::vector<Command> batch = std::move(requests);
  take_events();
  const bool paused = clock_.tick() < paused_until_;
  if (!paused) inbox_.collect(batch, std::max(options_.batch, requested + options_.batch / 4));
  const size_t consumed = batch.size() - requested;
  add_timers(batch);
  std::vector<Outcome> outcomes = engine_.execute(batch);
  for (size_t i = 0; i < batch.size(); i++) options_.on_outcome(batch[i], outcomes[i]);
  if (!paused) note_outcomes(std::span(outcomes).subspan(requested, consumed));
  if (engine_.take_healed()) read_again();
  // One timer's work is often the next one's reason (a queue is taken up lead by lead): that is not to cost an
  // interval.
  const auto fired = std::span(outcomes).subspan(requested + consumed);
  const auto done = [](const Outcome& outcome) { return outcome.kind != Outcome::Kind::kFailed; };
  if (std::any_of(fired.begin(), fired.end(), done)) next_timers_ = clock_.tick();
  outcomes.resize(requested);
  if (clock_.tick() >= next_places_) {
    next_places_ = clock_.tick() + options_.place_interval;
    // An older place is safe: it is noted next time.
    (void)write_places().ok();
  }
  return outcomes;
}

void Worker::take_events() {
  if (inbox_.pending() >= 2 * options_.batch) return;
  for (const bus::ConsumedEvent& event : subscription_.take(options_.batch)) inbox_.add(event);
}

void Worker::add_timers(std::vector<Command>& batch) {
  const Tick now = clock_.tick();
  if (now < next_timers_) return;
  next_timers_ = now + options_.timer_interval;
  std::set<uint32_t> leases = relay_.leases();
  for (uint32_t shard = 0; TANDEM_TOOTH(kX03) && shard < engine_.options().shards; shard++) leases.insert(shard);
  if (leases.empty() && !TANDEM_TOOTH(kX03)) return;
  constexpr uint32_t kLimit = 64;  // what is left is taken up at once: see step()
  const auto due = store_.due_timers(std::vector<uint32_t>(leases.begin(), leases.end()), clock_.now(), kLimit);
  if (!due.ok()) return;
  for (const DueTimer& timer : *due) batch.push_back(Engine::timer_command(timer));
}

void Worker::note_outcomes(std::span<const Outcome> consumed) {
  inbox_.settle(consumed);
  if (inbox_.faulty()) paused_until_ = clock_.tick() + options_.fault_pause;
  std::set<Source> rewinds = inbox_.take_rewinds();
  inbox_.drop(rewinds);
  for (const Source& source : rewinds) {
    engine_.forget_marks(source);
    subscription_.rewind(source);
  }
  for (Place& place : inbox_.take_progress()) {
    if (rewinds.count(place.source)) continue;
    subscription_.applied(place.source, place.offset);
    std::erase_if(unwritten_, [&](const Place& old) { return old.source == place.source; });
    unwritten_.push_back(std::move(place));
  }
}

// A target shard was healed: what it had applied may be gone with its marks, and its places are older ones.
void Worker::read_again() {
  subscription_.rewind_all();
  inbox_.drop_all();
  unwritten_.clear();
}

Status Worker::write_places() {
  TANDEM_ASSIGN_OR_RETURN(const std::vector<uint64_t> generations, engine_.look_at_generations());
  if (engine_.take_healed()) {
    read_again();
    return {};
  }
  if (unwritten_.empty()) return {};
  std::vector<ShardGeneration> shards;
  for (uint32_t shard = 0; shard < generations.size(); shard++) {
    if (generations[shard] != 0) shards.push_back({shard, generations[shard]});
  }
  TANDEM_RETURN_IF_ERROR(store_.write_places(shards, unwritten_));
  if (shards.size() == generations.size()) unwritten_.clear();
  return {};
}

void Worker::hand_over(const std::set<Source>& sources) {
  if (TANDEM_TOOTH(kX06)) {
    inbox_.drop(sources);
    for (Place& place : inbox_.take_progress()) unwritten_.push_back(std::move(place));
  }
  // Nothing is in flight between steps. What stays unwritten is read again by whoever gets them, and seen as applied.
  (void)write_places().ok();
  forget(sources);
  std::erase_if(unwritten_, [&](const Place& place) { return sources.count(place.source) > 0; });
}

void Worker::assigned(const std::set<Source>& sources) { forget(sources); }

// The subscription does not wait for ever: if this comes late, what the inbox has may already be of the assignment that
// followed, and is delivered once only. Of partitions that are not assigned the subscription forgets the rewind.
void Worker::forget(const std::set<Source>& sources) {
  for (const Source& source : inbox_.drop(sources)) subscription_.rewind(source);
  for (const Source& source : sources) engine_.forget_marks(source);
}

Tick Worker::next_step() const {
  Tick next = std::min(next_timers_, next_places_);
  if (inbox_.pending() > 0) next = std::min(next, paused_until_);
  return next;
}

bool Worker::busy() const {
  return (inbox_.pending() > 0 || subscription_.queued() > 0) && clock_.tick() >= paused_until_;
}

}  // namespace tandem::runtime
