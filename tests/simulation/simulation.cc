#include "tests/simulation/simulation.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "shared/base/services.h"
#include "shared/bus/envelope.h"
#include "tests/simulation/invariants.h"

namespace tandem::simulation {
namespace {

using std::chrono::milliseconds;

constexpr int kDepth = 3;
constexpr int kRounds = 6'000;  // of settling
// Longer than anything that happens at intervals: leases, surveys, retries.
constexpr milliseconds kStill{100};
constexpr int kStillRounds = 18;
constexpr int kStillForNow = 4;  // where something else is asked for afterwards

}  // namespace

Simulation::Simulation(uint64_t seed, bool tracing)
    : tracing_(tracing),
      dice_(seed),
      profile_(draw_profile(dice_)),
      clock_(parse_instant("2026-11-24T10:00:00Z").value()),
      network_(broker_),
      clients_(*this) {
  for (size_t service = 0; service < kCompany; service++) {
    const std::string& name = kServices[service];
    broker_.create_topic(bus::events_topic(name), profile_.shards);
    broker_.create_topic(bus::dead_letters_topic(name), profile_.shards);
    worlds_.push_back(
        std::make_unique<store::MemoryWorld>(clock_, store::StoreIdentity{kInstallation, name, profile_.shards}));
    worlds_.back()->watch([this, service, name](const Commit& commit, const CommitOutcome& outcome) {
      witness_.committed(service, name, commit, outcome);
      if (tracing_) note(line_of(name, commit, outcome));
    });
    for (uint32_t i = 0; i < profile_.replicas; i++) slots_.push_back({service, nullptr, 0, 0});
  }
  if (tracing_) network_.watch([this](const bus::LogRecord& record) { note(line_of(record)); });
}

Simulation::~Simulation() {
  quiet_ = true;
  slots_.clear();
  ghosts_.clear();
}

std::vector<std::string> Simulation::run() {
  try {
    set_up();
    quiet_ = false;
    while (acts_ < profile_.acts) act();
    quiet_ = true;
    rest();
  } catch (const std::exception& thrown) {
    // The product throws nothing. What does, ends its process.
    violated(std::string("an exception: ") + thrown.what());
  }
  counts_.commits = witness_.commits();
  return std::move(violations_);
}

void Simulation::set_up() {
  for (Slot& slot : slots_) start(slot);
  clients_.set_up();
  bool at_rest = settle(kStillForNow);
  for (int step = 0; step < 2 && profile_.deals; step++) {
    clients_.head_start(step);
    at_rest = settle(kStillForNow) && at_rest;
  }
  if (!at_rest) violated("the company does not come to rest after it was set up");
}

// The faults are over.
void Simulation::rest() {
  losses_.clear();
  away_until_.fill(0);
  for (Slot& slot : slots_) {
    if (!slot.replica) start(slot);
  }
  clients_.settle_parked(false);
  bool at_rest = false;  // for as long as it takes to be sure
  for (int round = 0; round < 60; round++) {
    if (!settle(at_rest ? kStillRounds : kStillForNow)) {
      violated("it does not come to rest: " + clients_.unfinished());
      for (Slot& slot : slots_) violated(slot.replica->condition());
      return;
    }
    if (clients_.settle_parked(true)) {
      at_rest = false;
    } else if (std::exchange(at_rest, true)) {
      break;
    }
  }
  for (std::string& problem : check_invariants(*this, counts_)) violated(std::move(problem));
}

bool Simulation::settle(int still_rounds) {
  int still = 0;
  for (int round = 0; round < kRounds; round++) {
    const uint64_t commits = witness_.commits();
    expire_ghosts(true);
    bool moved = network_.flush();
    moved = clients_.pump() || moved;
    for (Slot& slot : slots_) {
      for (const auto thread : {Replica::Thread::kHealing, Replica::Thread::kRelay, Replica::Thread::kSubscription,
                                Replica::Thread::kLoop}) {
        turn(slot, thread, moved);
      }
    }
    moved = moved || commits != witness_.commits();
    still = moved ? 0 : still + 1;
    if (still > still_rounds) return true;
    clock_.advance(moved ? milliseconds(1) : kStill);
  }
  return false;
}

void Simulation::start(Slot& slot) {
  const bool upgraded = profile_.upgrade && slot.lives > 0;
  const auto& all = profile_.upgrade && !upgraded ? definitions().before : definitions().after;
  const std::string name =
      kServices[slot.service] + "." + std::to_string(&slot - slots_.data()) + "." + std::to_string(slot.lives++);
  slot.replica = std::make_unique<Replica>(*this, slot.service, name, all[slot.service]);
  if (tracing_) note("start " + name + (upgraded ? ", upgraded" : ""), TraceLine::Kind::kRecovery);
}

void Simulation::turn(Slot& slot, Replica::Thread thread, bool& moved) {
  if (!slot.replica || slot.replica->doomed || slot.replica->busy(thread) || slot.replica->idle(thread)) {
    return;
  }
  try {
    moved = slot.replica->step(thread) || moved;
  } catch (const Crash&) {
    slot.replica->doomed = true;
    moved = true;
  }
  if (slot.replica->doomed && !slot.replica->in_use()) bury(slot);
}

void Simulation::bury(Slot& slot) {
  if (tracing_) note(slot.replica->name() + " is dead", TraceLine::Kind::kFault);
  slot.replica.reset();
  slot.back_at = acts_ + dice_.between(5, 120);
}

void Simulation::outlive(std::unique_ptr<bus::LogReader> reader) {
  if (quiet_) return;
  ghosts_.push_back({std::move(reader), acts_ + dice_.between(1, 80)});
}

void Simulation::expire_ghosts(bool all) {
  while (!ghosts_.empty() && (all || ghosts_.front().gone_at <= acts_)) ghosts_.pop_front();
}

void Simulation::joined(Replica& replica, const std::string& group) {
  replica.group = group;
  replica.member = broker_.newest_member();
}

// One thing happens.
void Simulation::act() {
  acts_++;
  expire_ghosts(false);
  look_at_plans();
  const uint64_t what = dice_.below(100);
  bool moved = false;
  if (what < 70) {
    Slot& slot = focus_.replica ? *focus_.replica : slots_[dice_.below(slots_.size())];
    if (focus_.service != kCompany && slot.service != focus_.service) return;
    if (!slot.replica) {
      if (acts_ >= slot.back_at) start(slot);
    } else {
      turn(slot, static_cast<Replica::Thread>(dice_.below(Replica::kThreads)), moved);
    }
  } else if (what < 84) {
    network_.step(dice_);
  } else if (what < 92) {
    // Sometimes long enough for deadlines.
    clock_.advance(milliseconds(dice_.one_in(20) ? dice_.between(100, 1'200) : dice_.between(1, 12)));
  } else {
    clients_.act();
  }
  if (dice_.one_in(profile_.fault)) fault();
}

void Simulation::await(Replica& replica, std::string_view call, bool after) {
  counts_.steps++;
  if (quiet_) return;
  const bool may_wait = profile_.interlude != 0 && depth_ < kDepth && acts_ < profile_.acts;
  if (may_wait && (redis_loses_now(replica, call, after) || dice_.one_in(profile_.interlude))) {
    const auto pause = TraceLine::Kind::kPause;
    if (tracing_) note(replica.name() + " waits " + (after ? "after " : "before ") + std::string(call), pause);
    depth_++;
    interlude(replica);
    depth_--;
    if (tracing_) note(replica.name() + " goes on", pause);
  }
  if (!replica.doomed && !dice_.one_in(profile_.crash)) return;
  if (!replica.doomed) counts_.faults++;
  replica.doomed = true;
  if (tracing_) {
    note(replica.name() + " dies " + (after ? "after " : "before ") + std::string(call), TraceLine::Kind::kFault);
  }
  throw Crash{};
}

// Others act while somebody waits. Mostly those who could get in its way: of its service, or other threads of its own.
void Simulation::interlude(const Replica& replica) {
  const size_t service = replica.service();
  Focus focus;
  if (dice_.one_in(2)) {
    focus.service = service;
  } else if (dice_.one_in(2)) {
    focus.replica = &slot_of(replica);
  }
  const Focus outer = std::exchange(focus_, focus);
  uint64_t acts = dice_.between(1, 12);
  if (dice_.one_in(profile_.pause)) {
    // Longer than a lease; what it had is given to others meanwhile.
    counts_.faults++;
    if (tracing_) note("a pause of " + kServices[service] + " longer than the lease", TraceLine::Kind::kFault);
    clock_.advance(kLease + milliseconds(dice_.between(1, 300)));
    acts = dice_.between(20, 80);
  }
  for (; acts > 0 && acts_ < profile_.acts; acts--) act();
  focus_ = outer;
}

Simulation::Slot& Simulation::slot_of(const Replica& replica) {
  return *std::ranges::find(slots_, &replica, [](const Slot& slot) { return slot.replica.get(); });
}

Replica* Simulation::some_replica(size_t service) {
  std::vector<Replica*> alive;
  for (Slot& slot : slots_) {
    if (slot.service == service && slot.replica && !slot.replica->doomed) alive.push_back(slot.replica.get());
  }
  return alive.empty() ? nullptr : alive[dice_.below(alive.size())];
}

const Stored* Simulation::stored(size_t service, const AggregateRef& ref) const {
  const auto& shards = worlds_[service]->shards();
  const auto shard = shards.find(shard_of(ref.type, ref.id, profile_.shards));
  if (shard == shards.end()) return nullptr;
  const auto found = shard->second.aggregates.find(ref);
  return found == shard->second.aggregates.end() ? nullptr : &found->second;
}

void Simulation::healed(const Replica& replica, uint32_t shard, uint64_t generation, uint64_t folded) {
  counts_.heals++;
  if (!tracing_) return;
  note(replica.name() + " healed " + kServices[replica.service()] + "/" + std::to_string(shard) + ": generation " +
           std::to_string(generation) + ", " + std::to_string(folded) + " events folded",
       TraceLine::Kind::kRecovery);
}

void Simulation::alarm(const Replica& replica, const Error& error) {
  if (tracing_) note("ALARM " + replica.name() + ": " + to_line(error));
  // What passes by itself, and a producer that died, is no harm.
  if (error.code == Code::kUnavailable || error.code == Code::kAborted) return;
  violated(replica.name() + ": " + to_line(error));
}

void Simulation::answered(Replica& replica, uint64_t operation, const Outcome& outcome) {
  // A reply may be lost on its way.
  if (!quiet_ && dice_.one_in(12)) return;
  clients_.answered(replica, operation, outcome);
}

void Simulation::violated(std::string what) {
  if (!seen_at_) seen_at_ = trace_.size();
  violations_.push_back(std::move(what));
}

void Simulation::note(std::string what, TraceLine::Kind kind) { note({.kind = kind, .what = std::move(what)}); }

void Simulation::note(TraceLine line) {
  if (line.what.empty()) return;
  line.act = acts_;
  line.millis = std::chrono::duration_cast<milliseconds>(clock_.now().time_since_epoch()).count() % 1'000'000;
  line.depth = depth_;
  trace_.push_back(std::move(line));
}

}  // namespace tandem::simulation
