#include "shared/runtime/service.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/text.h"
#include "shared/bus/envelope.h"
#include "shared/bus/topics.h"
#include "shared/rpc/redaction.h"
#include "shared/runtime/admin_rpc.h"
#include "shared/runtime/logging.h"

namespace tandem::runtime {
namespace {

// An event that Kafka does not have after so long is worth an alarm.
constexpr std::chrono::seconds kPublishedLate{5};
// So is a consumer group that has not said for so long what is to be read.
constexpr std::chrono::seconds kAssignedLate{10};

std::vector<std::string> sources_of(const ServiceDefinition& definition) {
  const std::set<std::string>& sources = definition.reactions.sources();
  return {sources.begin(), sources.end()};
}

std::vector<uint32_t> all_shards(uint32_t count) {
  std::vector<uint32_t> shards(count);
  std::iota(shards.begin(), shards.end(), 0u);
  return shards;
}

std::string name_of(const Source& source) { return source.service + "/" + std::to_string(source.partition); }

EngineOptions engine_options(const ServiceDefinition& definition, const ServiceOptions& options) {
  EngineOptions engine;
  engine.installation = options.installation;
  engine.service = definition.name;
  engine.shards = options.shards;
  return engine;
}

bus::SubscriptionOptions subscription_options(const ServiceDefinition& definition, const ServiceOptions& options) {
  bus::SubscriptionOptions subscription;
  subscription.installation = options.installation;
  subscription.service = definition.name;
  subscription.sources = sources_of(definition);
  return subscription;
}

// What operators want to know of a command; never anything personal.
void log_outcome(const Command& command, const Outcome& outcome) {
  using Kind = Outcome::Kind;
  if (outcome.kind != Kind::kParked && outcome.kind != Kind::kFailed) return;
  const bool parked = outcome.kind == Kind::kParked;
  const bool requested = command.cause.has_request();
  log(parked ? Level::kWarning : Level::kDebug,
      parked      ? "parked"
      : requested ? "refused"
                  : "waits",
      {{"aggregate", command.target.type + "/" + command.target.id},
       {"command", command.message ? command.message->GetDescriptor()->full_name() : ""},
       {"content", parked && command.message ? rpc::redacted_line(*command.message) : ""},
       {"cause", requested ? command.cause.request().request_id() : command.cause.event().event_id()},
       {"traceparent", command.traceparent},
       {"error", to_line(outcome.error)}});
}

WorkerOptions worker_options() {
  WorkerOptions options;
  options.on_outcome = log_outcome;
  return options;
}

heal::HealingOptions healing_options(const ServiceDefinition& definition, const ServiceOptions& options) {
  heal::HealingOptions healing;
  healing.healer.installation = options.installation;
  healing.healer.service = definition.name;
  healing.shards = options.shards;
  return healing;
}

bus::RelayOptions relay_options(const ServiceDefinition& definition, const ServiceOptions& options) {
  bus::RelayOptions relay;
  relay.service = definition.name;
  relay.shards = options.shards;
  relay.lease_ttl = options.lease;
  relay.linger = options.linger;
  return relay;
}

}  // namespace

Service::Service(const ServiceDefinition& definition, Ports ports, ServiceOptions options)
    : definition_(definition),
      ports_(ports),
      options_(std::move(options)),
      metrics_(definition.name),
      engine_(definition.registry, ports.store, ports.clock, ports.chance, engine_options(definition, options_)),
      queries_(definition.registry, ports.store, {options_.shards, options_.token_key}),
      healing_(ports.healing, ports.log, definition.registry, ports.clock, ports.chance,
               healing_options(definition, options_), healing_listener()),
      relay_(ports.outbox, ports.log, ports.clock, ports.chance, relay_options(definition, options_), relay_listener()),
      subscription_(ports.log, ports.clock, subscription_options(definition, options_), subscription_listener()),
      worker_(definition, engine_, ports.store, subscription_, relay_, ports.clock, worker_options()),
      started_at_(ports.clock.now()) {
  engine_.observe([this](const BatchReport& report) { metrics_.batch(report); });
}

Service::~Service() { stop(std::chrono::milliseconds(0)); }

bus::RelayListener Service::relay_listener() {
  bus::RelayListener listener;
  listener.on_published = [this](uint32_t shard, uint64_t generation, uint64_t n) {
    Loop* loop = listening_;
    if (!loop || !loop->anybody_waits()) return;
    mailbox_.post([loop, shard, generation, n] { loop->published(shard, generation, n); });
  };
  listener.on_trouble = [](const Error& error) { log(Level::kWarning, "relay", {{"error", to_line(error)}}); };
  return listener;
}

bus::SubscriptionListener Service::subscription_listener() {
  bus::SubscriptionListener listener;
  listener.places = [this] { return places_of_all(ports_.places, options_.shards); };
  listener.on_events = [this] {
    if (listening_) server_->wake();
  };
  const auto patience = std::chrono::seconds(2);
  listener.on_assigned = [this, patience](const std::set<Source>& sources) {
    std::set<uint32_t> shards;
    for (const Source& source : sources) {
      if (source.service == definition_.name) shards.insert(source.partition);
    }
    // The group knows who is alive: the relay follows it. A service that does not read its own topic takes what is
    // free.
    if (definition_.reactions.sources().count(definition_.name)) relay_.prefer(std::move(shards));
    mailbox_.call([this, sources] { worker_.assigned(sources); }, patience);
  };
  listener.on_revoked = [this, patience](const std::set<Source>& sources) {
    mailbox_.call([this, sources] { worker_.hand_over(sources); }, patience);
  };
  listener.on_alarm = [](const std::optional<Source>& source, const Error& error) {
    log(Level::kError, "subscription", {{"source", source ? name_of(*source) : ""}, {"error", to_line(error)}});
  };
  return listener;
}

Status Service::start() {
  auto admin = ports_.log.make_admin();
  if (!admin.ok()) return admin.error();
  const std::vector<std::string> sources = sources_of(definition_);
  TANDEM_RETURN_IF_ERROR(
      bus::prepare_topics(**admin, definition_.name, sources, options_.shards, options_.start_patience));
  TANDEM_RETURN_IF_ERROR(reconcile());
  TANDEM_RETURN_IF_ERROR(relay_.warm(options_.start_patience));
  TANDEM_RETURN_IF_ERROR(engine_.look_at_generations());
  rpc::ServerOptions rpc = options_.rpc;
  rpc.extras.push_back(admin_service(ports_.store, options_.shards, [this] { return status(); }));
  auto server = rpc::Server::start(definition_, queries_, ports_.chance, std::move(rpc));
  if (!server.ok()) return server.error();
  server_ = std::move(*server);
  loop_ = std::make_unique<Loop>(*server_, worker_, relay_, mailbox_, ports_.clock, options_.linger);
  mailbox_.on_post([this] { server_->wake(); });
  listening_ = loop_.get();
  healing_thread_ = std::thread(&Service::keep_reconciled, this);
  relay_.start();
  if (!sources.empty()) subscription_.start();
  server_->set_serving(true);
  ready_ = true;
  refresh_status();
  return {};
}

void Service::run(const std::atomic<bool>& stop) {
  while (!stop) {
    loop_->turn(std::chrono::milliseconds(200));
    refresh_status();
  }
}

void Service::stop(std::chrono::milliseconds patience) {
  if (!loop_) return;
  ready_ = false;
  loop_->drain(patience);
  // The subscription's end asks the loop to hand over: the loop turns while it ends.
  std::atomic<bool> ended{false};
  std::thread ending([this, &ended] {
    subscription_.stop();
    ended = true;
  });
  while (!ended) loop_->turn(std::chrono::milliseconds(10));
  ending.join();
  relay_.stop();
  {
    std::lock_guard lock(ending_mutex_);
    healing_ends_ = true;
  }
  ending_.notify_all();
  healing_thread_.join();
  listening_ = nullptr;
  server_->shutdown(std::chrono::milliseconds(200));
  mailbox_.on_post([] {});
  loop_.reset();
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
  status.set_ready(ready_);
  status.set_shards(options_.shards);
  *status.mutable_started_at() = to_timestamp(started_at_);
  for (uint32_t shard : relay_.leases()) status.add_shards_owned(shard);
  add_healing(status);
  const Result<uint64_t> parked = count_parked();
  if (!parked.ok()) {
    // One wait for a store that does not answer is enough: the loop has requests to answer.
    status.add_troubles(to_line(parked.error()));
    return status;
  }
  status.set_parked(*parked);
  std::optional<Instant> oldest;
  const auto statuses = ports_.survey.statuses(all_shards(options_.shards));
  if (!statuses.ok()) status.add_troubles(to_line(statuses.error()));
  for (const ShardStatus& at : statuses.ok() ? *statuses : std::vector<ShardStatus>{}) {
    status.set_unpublished(status.unpublished() + at.unpublished);
    status.set_events(status.events() + at.last_number);
    if (at.oldest_unpublished && (!oldest || *at.oldest_unpublished < *oldest)) oldest = at.oldest_unpublished;
  }
  if (oldest) *status.mutable_oldest_unpublished() = to_timestamp(*oldest);
  if (oldest && ports_.clock.now() - *oldest > kPublishedLate) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(ports_.clock.now() - *oldest);
    status.add_troubles(std::to_string(status.unpublished()) + " events are unpublished, the oldest for " +
                        std::to_string(age.count()) + " s: look after the bus");
  }
  uint64_t lag = 0;
  for (const auto& [source, events] : subscription_.lag()) lag += events;
  status.set_lag(lag);
  status.set_partitions_read(static_cast<uint32_t>(subscription_.assigned().size()));
  const bus::SubscriptionStats stats = subscription_.stats();
  if (stats.unassigned_since && ports_.clock.now() - *stats.unassigned_since > kAssignedLate) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(ports_.clock.now() - *stats.unassigned_since);
    status.add_troubles("no events are read for " + std::to_string(age.count()) +
                        " s: the consumer group gives out no partitions; look after the bus");
  }
  for (const auto& [source, why] : stats.stopped) status.add_stopped(name_of(source) + ": " + to_line(why));
  for (const std::string& problem : ports_.store_problems()) status.add_troubles("store: " + problem);
  if (stats.last_error) status.add_troubles("bus: " + to_line(*stats.last_error));
  return status;
}

// Once a second, for metrics and health.
void Service::refresh_status() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_refresh_) return;
  next_refresh_ = now + std::chrono::seconds(1);
  const v1::ServiceStatus current = status();
  metrics_.status(current, ports_.clock.now());
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
