#include "shared/runtime/service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "shared/bus/envelope.h"
#include "shared/bus/topics.h"
#include "shared/rpc/redaction.h"
#include "shared/runtime/admin_rpc.h"
#include "shared/runtime/logging.h"

namespace tandem::runtime {
namespace {

constexpr bus::Millis kTrimEvery{20};

std::vector<std::string> sources_of(const ServiceDefinition& definition) {
  const std::set<std::string>& sources = definition.reactions.sources();
  return {sources.begin(), sources.end()};
}

EngineOptions engine_options(const ServiceDefinition& definition, const ServiceOptions& options) {
  EngineOptions engine;
  engine.installation = options.installation;
  engine.service = definition.name;
  engine.shards = options.shards;
  return engine;
}

QueryOptions query_options(const ServiceOptions& options) { return {options.shards, options.token_key}; }

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
  relay.trim_every = kTrimEvery;
  return relay;
}

}  // namespace

Service::Service(const ServiceDefinition& definition, Ports ports, ServiceOptions options)
    : definition_(definition),
      ports_(ports),
      options_(std::move(options)),
      metrics_(definition.name),
      engine_(definition.registry, ports.store, ports.clock, ports.chance, engine_options(definition, options_)),
      queries_(definition.registry, ports.store, query_options(options_)),
      healing_(ports.healing, ports.log, definition.registry, ports.clock, ports.chance,
               healing_options(definition, options_), healing_listener()),
      relay_(ports.outbox, ports.log, ports.clock, ports.chance, relay_options(definition, options_), relay_listener()),
      subscription_(ports.log, ports.clock, subscription_options(definition, options_), subscription_listener()),
      worker_(definition, engine_, ports.store, subscription_, relay_, ports.clock, worker_options()),
      started_at_(ports.clock.now()) {
  engine_.observe([this](const BatchReport& report) {
    metrics_.batch(report);
    add_work(report);
  });
}

Service::~Service() { stop(std::chrono::milliseconds(0)); }

bus::RelayListener Service::relay_listener() {
  bus::RelayListener listener;
  listener.on_published = [this](uint32_t shard, uint64_t generation, uint64_t n) {
    Loop* loop = listening_;
    if (!loop || !loop->anybody_waits()) return;
    mailbox_.post([loop, shard, generation, n] { loop->published(shard, generation, n); });
  };
  listener.on_relayed = [this](const auto& times) { metrics_.relayed(times); };
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
    log(Level::kError, "subscription", {{"source", source ? source_name(*source) : ""}, {"error", to_line(error)}});
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
  TANDEM_RETURN_IF_ERROR(learn_generations());
  rpc::ServerOptions rpc = options_.rpc;
  rpc.extras.push_back(admin_service(ports_.store, query_options(options_), [this] { return status(); }));
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

}  // namespace tandem::runtime
