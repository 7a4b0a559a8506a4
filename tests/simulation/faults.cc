// What goes wrong from outside, besides what ports do: see Simulation::store_fault and await for those.
#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "shared/base/services.h"
#include "shared/base/teeth.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tests/simulation/simulation.h"

namespace tandem::simulation {

using std::chrono::milliseconds;

namespace {

constexpr uint64_t kUnderWay = std::numeric_limits<uint64_t>::max();  // acts

}  // namespace

store::Fault Simulation::store_fault(Replica& replica, const store::MemoryCall& call) {
  if (away_until_[replica.service()] > acts_) return store::Fault::kUnavailable;
  if (quiet_) return store::Fault::kNone;
  // Between the commits of a pipeline others come in, too.
  if (call.name == "commit_item" && call.item > 0) await(replica, call.name, false);
  if (!dice_.one_in(profile_.store_fault)) return store::Fault::kNone;
  counts_.faults++;
  const store::Fault fault = dice_.one_in(profile_.lost_reply) ? store::Fault::kReplyLost
                             : dice_.one_in(2)                 ? store::Fault::kRequestLost
                                                               : store::Fault::kUnavailable;
  if (tracing_) {
    note(replica.name() + " " + std::string(call.name) +
             (fault == store::Fault::kReplyLost ? ": reply lost" : ": not sent"),
         TraceLine::Kind::kFault);
  }
  return fault;
}

// The version before the upgrade dies when the event whose reactions the upgrade changes has had its effects: its place
// is not noted yet, and the version after it reads the event again.
void Simulation::committed(Replica& replica, std::span<const Commit> batch, std::span<const CommitOutcome> outcomes) {
  const Definitions& all = definitions();
  if (quiet_ || &replica.definition() != &all.before[all.upgraded]) return;
  for (size_t i = 0; i < batch.size(); i++) {
    if (outcomes[i].status != CommitOutcome::Status::kCommitted || !batch[i].mark || !batch[i].change) continue;
    exchange::v1::OutboxRecord record;
    record.ParseFromString(batch[i].change->outbox_record);
    if (record.envelope().cause().event().event_type() != all.event) continue;
    if (!dice_.one_in(2)) return;
    counts_.faults++;
    replica.doomed = true;  // at once: this call has its end yet to come
    return;
  }
}

void Simulation::fault() {
  Slot& slot = slots_[dice_.below(slots_.size())];
  std::vector<std::pair<const char*, std::function<void()>>> kinds;
  if (profile_.kill) kinds.emplace_back("kill", [&] { kill(slot); });
  if (profile_.session_expires) kinds.emplace_back("session expires", [&] { expire_session(slot); });
  if (profile_.writer_dies) kinds.emplace_back("producer dies", [&] { network_.kill_one(dice_); });
  if (profile_.redis_away) {
    kinds.emplace_back("redis away", [&] { away_until_[slot.service] = acts_ + dice_.between(5, 60); });
  }
  if (profile_.redis_loses) kinds.emplace_back("redis will lose", [&] { redis_will_lose(slot.service); });
  if (profile_.slow_links) kinds.emplace_back("slow link", [&] { network_.slow_down(slot.service, dice_); });
  if (profile_.duplicates) {
    kinds.emplace_back("duplicates", [&] { broker_.duplicate_next(static_cast<uint32_t>(dice_.between(1, 3))); });
  }
  if (profile_.clock_jumps) {
    kinds.emplace_back("clock jumps", [&] {
      if (slot.replica) slot.replica->clock().skew(milliseconds(dice_.between(0, 2'000)) - milliseconds(1'000));
    });
  }
  kinds.emplace_back("restart", [&] { restart_gracefully(slot); });
  const auto& [name, happen] = kinds[dice_.below(kinds.size())];
  counts_.faults++;
  if (tracing_) note(std::string(name) + " " + kServices[slot.service], TraceLine::Kind::kFault);
  happen();
}

void Simulation::kill(Slot& slot) {
  if (!slot.replica) return;
  slot.replica->doomed = true;  // in the middle of a turn: at its next call
  if (!slot.replica->in_use()) bury(slot);
}

void Simulation::restart_gracefully(Slot& slot) {
  if (!slot.replica || slot.replica->doomed || slot.replica->in_use()) return;
  try {
    slot.replica->stop();
  } catch (const Crash&) {
  }
  bury(slot);
}

void Simulation::expire_session(Slot& slot) {
  if (slot.replica && slot.replica->member != 0) broker_.expire_session(slot.replica->group, slot.replica->member);
}

// What is written from now on will be lost: the tail of the append-only file, or all of it.
void Simulation::redis_will_lose(size_t service) {
  if (losses_.count(service)) return;
  Loss loss;
  loss.at = acts_ + dice_.between(2, 60);
  loss.whole = dice_.one_in(5);
  if (!dice_.one_in(4)) loss.shards = worlds_[service]->snapshot();
  if (profile_.session_expires && dice_.one_in(2)) rebalance_before(loss, service);
  losses_[service] = std::move(loss);
  // What is on its way meanwhile may arrive behind the fence.
  if (profile_.slow_links && dice_.one_in(2)) network_.slow_down(service, dice_);
}

// Places that were read before a shard went back must not be used after it was healed. So a replica is given up by its
// group, that places are read; and the loss waits for it.
void Simulation::rebalance_before(Loss& loss, size_t service) {
  expire_session(slots_[service * profile_.replicas + dice_.below(profile_.replicas)]);
  loss.at += dice_.between(50, 300);
}

// True: with the next act, while somebody knows all places and does not read from there yet.
bool Simulation::redis_loses_now(const Replica& replica, std::string_view call, bool after) {
  if (!(after ? call == "places" : call == "seek")) return false;
  const auto planned = losses_.find(replica.service());
  if (planned == losses_.end() || planned->second.at == kUnderWay || !dice_.one_in(2)) return false;
  planned->second.at = acts_;
  return true;
}

void Simulation::look_at_plans() {
  for (size_t service = 0; service < kCompany; service++) {
    const auto found = losses_.find(service);
    if (found != losses_.end() && found->second.at <= acts_) redis_loses(service);
  }
}

void Simulation::redis_loses(size_t service) {
  // It stays planned until it has happened: what another one would lose is to be younger than this one.
  Loss loss = std::exchange(losses_.at(service), {.at = kUnderWay, .whole = false, .shards = {}});
  counts_.faults++;
  const bool at_once = dice_.one_in(2);
  if (at_once) hasten(service);
  if (tracing_) {
    note("redis of " + kServices[service] +
             (loss.whole            ? " restarts"
              : loss.shards.empty() ? " is empty"
                                    : " lost its tail"),
         TraceLine::Kind::kFault);
  }
  if (loss.whole) {
    worlds_[service]->restart();
  } else {
    if (TANDEM_TOOTH(kW10)) {
      for (const auto& [number, shard] : worlds_[service]->shards()) loss.shards[number].places = shard.places;
    }
    witness_.redis_lost(service);
    worlds_[service]->restart(std::move(loss.shards));
  }
  losses_.erase(service);
  if (at_once) heal_at_once(service);
}

// What waits to be done is done and sent, and does not arrive yet: the more is lost, and the more comes late. Somebody
// waits for its being published, too.
void Simulation::hasten(size_t service) {
  clients_.press(service);
  network_.slow_down_all(service);
  bool moved = false;
  for (Slot& slot : slots_) {
    if (slot.service == service) turn(slot, Replica::Thread::kLoop, moved);
  }
  for (Slot& slot : slots_) {
    if (slot.service == service) turn(slot, Replica::Thread::kRelay, moved);
  }
}

// One replica notices and heals while the others still believe what they knew; then what was under way arrives, and
// they hear of it. The order of steps in which most of the protocol's rules are needed.
void Simulation::heal_at_once(size_t service) {
  Slot& healer = slots_[service * profile_.replicas + dice_.below(profile_.replicas)];
  clock_.advance(milliseconds(20));
  bool moved = false;
  const uint64_t all = counts_.heals + profile_.shards;
  for (uint64_t steps = dice_.between(10, 60); steps > 0 && counts_.heals < all; steps--) {
    turn(healer, Replica::Thread::kHealing, moved);
    network_.step(dice_, false);
    // Its first look only finds that the connection is a new one: then it waits.
    if (healer.replica && healer.replica->idle(Replica::Thread::kHealing)) clock_.advance(milliseconds(1));
  }
  if (dice_.one_in(4)) return;
  network_.flush();
  for (Slot& slot : slots_) {
    if (slot.service != service) continue;
    turn(slot, Replica::Thread::kRelay, moved);
    turn(slot, Replica::Thread::kLoop, moved);
  }
}

}  // namespace tandem::simulation
