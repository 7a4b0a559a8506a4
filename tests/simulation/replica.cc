#include "tests/simulation/replica.h"

#include <algorithm>
#include <utility>

#include "shared/bus/envelope.h"
#include "tests/simulation/simulation.h"

namespace tandem::simulation {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNoWait{0};

EngineOptions engine_options(const ServiceDefinition& definition, uint32_t shards) {
  EngineOptions options;
  options.installation = kInstallation;
  options.service = definition.name;
  options.shards = shards;
  return options;
}

bus::RelayOptions relay_options(const ServiceDefinition& definition, const Profile& profile) {
  bus::RelayOptions options;
  options.service = definition.name;
  options.shards = profile.shards;
  if (profile.late_trims) options.trim_every = milliseconds(20);
  options.lease_ttl = kLease;
  options.least_patience = milliseconds(0);
  options.drain = kNoWait;
  return options;
}

heal::HealingOptions healing_options(const ServiceDefinition& definition, uint32_t shards) {
  heal::HealingOptions options;
  options.healer.installation = kInstallation;
  options.healer.service = definition.name;
  options.healer.claim_ttl = kLease;
  options.healer.fold_events = 8;
  options.healer.kept_events = 20;
  options.shards = shards;
  options.look_interval = milliseconds(20);
  options.retry = milliseconds(5);
  return options;
}

bus::SubscriptionOptions subscription_options(const ServiceDefinition& definition) {
  bus::SubscriptionOptions options;
  options.installation = kInstallation;
  options.service = definition.name;
  options.sources = {definition.reactions.sources().begin(), definition.reactions.sources().end()};
  return options;
}

// A history is some seconds long: everything that happens at intervals happens often in it.
runtime::WorkerOptions worker_options() {
  runtime::WorkerOptions options;
  options.timer_interval = milliseconds(10);
  options.place_interval = milliseconds(30);
  options.fault_pause = milliseconds(5);
  return options;
}

// As Service::learn_generations asks for it.
bool knows_all(const Result<std::vector<uint64_t>>& generations) {
  return generations.ok() && std::count(generations->begin(), generations->end(), 0) == 0;
}

// While it lives, the thread is in its turn.
class Turn {
 public:
  explicit Turn(bool& busy) : busy_(busy) { busy_ = true; }
  ~Turn() { busy_ = false; }
  Turn(const Turn&) = delete;

 private:
  bool& busy_;
};

}  // namespace

Replica::Replica(Simulation& simulation, size_t service, std::string name, const ServiceDefinition& definition)
    : simulation_(simulation),
      service_(service),
      name_(std::move(name)),
      definition_(definition),
      clock_(simulation.clock()),
      chance_(simulation.dice().next()),
      log_(simulation, *this),
      store_(simulation, *this, simulation.world(service)),
      places_(simulation, *this, simulation.world(service)),
      outbox_(simulation, *this, simulation.world(service)),
      healing_store_(simulation, *this, simulation.world(service)),
      engine_(definition.registry, store_, clock_, chance_, engine_options(definition, simulation.shards())),
      healing_(healing_store_, log_, definition.registry, clock_, chance_,
               healing_options(definition, simulation.shards()), healing_listener()),
      relay_(outbox_, log_, clock_, chance_, relay_options(definition, simulation.profile()), relay_listener()),
      subscription_(log_, clock_, subscription_options(definition), subscription_listener()),
      worker_(definition, engine_, store_, subscription_, relay_, clock_, worker_options()),
      waiting_(relay_) {}

heal::HealingListener Replica::healing_listener() {
  heal::HealingListener listener;
  listener.on_healed = [this](uint32_t shard, uint64_t generation, uint64_t folded) {
    simulation_.healed(*this, shard, generation, folded);
  };
  listener.on_trouble = [this](const Error& error) { simulation_.alarm(*this, error); };
  return listener;
}

bus::RelayListener Replica::relay_listener() {
  bus::RelayListener listener;
  listener.on_published = [this](uint32_t shard, uint64_t generation, uint64_t n) {
    if (!waiting_.any()) return;
    mailbox_.push_back([this, shard, generation, n] { published(shard, generation, n); });
  };
  return listener;
}

bus::SubscriptionListener Replica::subscription_listener() {
  bus::SubscriptionListener listener;
  listener.places = [this] { return runtime::places_of_all(places_, simulation_.shards()); };
  listener.on_assigned = [this](const std::set<Source>& sources) {
    std::set<uint32_t> shards;
    for (const Source& source : sources) {
      if (source.service == definition_.name) shards.insert(source.partition);
    }
    if (definition_.reactions.sources().count(definition_.name)) relay_.prefer(std::move(shards));
    call_loop([this, sources] { worker_.assigned(sources); });
  };
  listener.on_revoked = [this](const std::set<Source>& sources) {
    call_loop([this, sources] { worker_.hand_over(sources); });
  };
  listener.on_alarm = [this](const auto&, const Error& error) { simulation_.alarm(*this, error); };
  return listener;
}

void Replica::call_loop(std::function<void()> task) {
  mailbox_.push_back(std::move(task));
  // A loop in the middle of its turn is one that this turn is nested in: it goes on when the caller is done.
  if (busy(Thread::kLoop) || simulation_.call_is_slow()) return;
  Turn turn(busy_[static_cast<size_t>(Thread::kLoop)]);
  run_mailbox();
}

void Replica::run_mailbox() {
  for (auto& task : std::exchange(mailbox_, {})) task();
}

bool Replica::idle(Thread thread) {
  if (thread == Thread::kHealing) return healing_.next_step() > clock_.tick();
  if (thread != Thread::kLoop) return false;
  return mailbox_.empty() && asked_.empty() && !worker_.busy() && worker_.next_step() > clock_.tick();
}

bool Replica::step(Thread thread) {
  Turn turn(busy_[static_cast<size_t>(thread)]);
  switch (thread) {
    case Thread::kLoop:
      return turn_loop();
    case Thread::kRelay:
      return turn_relay();
    case Thread::kSubscription:
      return warm_ && subscription_.step(kNoWait);
    case Thread::kHealing:
      return healing_.step(kNoWait);
  }
  return false;
}

void Replica::stop() {
  Turn subscription(busy_[static_cast<size_t>(Thread::kSubscription)]);
  subscription_.stop();  // the loop turns meanwhile
  Turn loop(busy_[static_cast<size_t>(Thread::kLoop)]);
  Turn relay(busy_[static_cast<size_t>(Thread::kRelay)]);
  relay_.stop();
}

std::string Replica::condition() {
  const heal::HealingState healing = healing_.state();
  std::string text = name_ + ": " + std::to_string(worker_.pending()) + " commands pending, " +
                     std::to_string(subscription_.queued()) + " events queued, " +
                     std::to_string(relay_.leases().size()) + " leases";
  for (const uint32_t shard : healing.healing) text += ", heals " + std::to_string(shard);
  for (const auto& [shard, why] : healing.refused) text += ", refuses " + std::to_string(shard) + " " + to_line(why);
  if (healing.last_error) text += ", healing: " + to_line(*healing.last_error);
  const bus::SubscriptionStats stats = subscription_.stats();
  if (stats.last_error) text += ", subscription: " + to_line(*stats.last_error);
  for (const auto& [source, why] : stats.stopped) {
    text += ", stopped " + source_name(source) + ": " + to_line(why);
  }
  return text;
}

bool Replica::turn_relay() {
  if (!warm_) {
    warm_ = healing_.all_reconciled() && relay_.warm(kNoWait).ok() && knows_all(engine_.look_at_generations());
    return warm_;
  }
  return relay_.step(kNoWait);
}

// As runtime::Loop does it, on the same parts.
bool Replica::turn_loop() {
  if (!warm_) return false;
  const bool moved = !mailbox_.empty() || !asked_.empty() || worker_.busy();
  run_mailbox();
  std::vector<Ask> asked = std::exchange(asked_, {});
  std::vector<Command> commands;
  for (const Ask& ask : asked) commands.push_back(ask.command);
  std::vector<Outcome> outcomes = worker_.step(std::move(commands));
  for (size_t i = 0; i < asked.size(); i++) answer(std::move(asked[i]), std::move(outcomes[i]));
  return moved || worker_.pending() > 0 || !asked_.empty();
}

void Replica::answer(Ask ask, Outcome outcome) {
  const bool failed = outcome.kind == Outcome::Kind::kFailed;
  if (failed || !ask.published || outcome.result.position().number() == 0) {
    return simulation_.answered(*this, ask.operation, outcome);
  }
  const type::v1::Position at = outcome.result.position();
  Waiting waiting{std::move(ask), std::move(outcome.result)};
  if (!waiting_.add(at.shard(), outcome.generation, at.number(), waiting)) answer_published(std::move(waiting));
}

void Replica::answer_published(Waiting waiting) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kCommitted;
  outcome.result = std::move(waiting.result);
  outcome.result.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  simulation_.answered(*this, waiting.ask.operation, outcome);
}

void Replica::published(uint32_t shard, uint64_t generation, uint64_t n) {
  auto news = waiting_.published(shard, generation, n);
  for (Waiting& waiting : news.published) answer_published(std::move(waiting));
  for (Waiting& waiting : news.again) asked_.push_back(std::move(waiting.ask));
}

}  // namespace tandem::simulation
