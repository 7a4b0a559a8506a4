#include "tests/support/memory_company.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "shared/aggregate/instance.h"
#include "shared/base/services.h"
#include "shared/bus/topics.h"
#include "tests/support/definitions.h"

namespace tandem::testing {
namespace {

constexpr char kMemoryInstallation[] = "test";
constexpr auto kNoWait = std::chrono::milliseconds(0);

std::vector<std::string> sources_of(const ServiceDefinition& definition) {
  const auto& sources = definition.reactions.sources();
  return {sources.begin(), sources.end()};
}

EngineOptions engine_options(const std::string& service, uint32_t shards) {
  EngineOptions options;
  options.installation = kMemoryInstallation;
  options.service = service;
  options.shards = shards;
  return options;
}

bus::RelayOptions relay_options(const std::string& service, uint32_t shards) {
  bus::RelayOptions options;
  options.service = service;
  options.shards = shards;
  return options;
}

heal::HealingOptions healing_options(const std::string& service, uint32_t shards) {
  heal::HealingOptions options;
  options.healer.installation = kMemoryInstallation;
  options.healer.service = service;
  options.shards = shards;
  options.look_interval = std::chrono::milliseconds(20);  // both together less than settle() takes for quiet
  options.retry = std::chrono::milliseconds(10);
  return options;
}

bus::SubscriptionOptions subscription_options(const ServiceDefinition& definition) {
  bus::SubscriptionOptions options;
  options.installation = kMemoryInstallation;
  options.service = definition.name;
  options.sources = sources_of(definition);
  return options;
}

}  // namespace

MemoryService::MemoryService(ServiceDefinition definition, bus::MemoryBroker& broker, Clock& clock, Chance& chance,
                             uint32_t shards)
    : definition_(std::move(definition)),
      shards_(shards),
      clock_(clock),
      log_(broker),
      world_(clock, {kMemoryInstallation, definition_.name, shards}),
      store_(world_),
      outbox_(world_),
      survey_(world_),
      healing_store_(world_),
      engine_(definition_.registry, store_, clock, chance, engine_options(definition_.name, shards)),
      queries_(definition_.registry, store_, {shards, "key of the test"}),
      healing_(healing_store_, log_, definition_.registry, clock, chance, healing_options(definition_.name, shards)),
      relay_(outbox_, log_, clock, chance, relay_options(definition_.name, shards)),
      subscription_(log_, clock, subscription_options(definition_), listener()),
      worker_(definition_, engine_, store_, subscription_, relay_, clock) {
  auto admin = log_.make_admin();
  EXPECT_TRUE(
      bus::prepare_topics(**admin, definition_.name, sources_of(definition_), shards, std::chrono::seconds(1)).ok());
  for (int i = 0; i < 1000 && !healing_.all_reconciled(); i++) healing_.step(kNoWait);
  EXPECT_TRUE(healing_.all_reconciled());
  EXPECT_TRUE(relay_.warm(std::chrono::seconds(1)).ok());
  EXPECT_TRUE(engine_.look_at_generations().ok());
}

bus::SubscriptionListener MemoryService::listener() {
  bus::SubscriptionListener listener;
  listener.places = [this] { return runtime::places_of_all(store_, shards_); };
  listener.on_assigned = [this](const std::set<Source>& sources) { worker_.assigned(sources); };
  listener.on_revoked = [this](const std::set<Source>& sources) { worker_.hand_over(sources); };
  listener.on_alarm = [](const auto&, const Error& error) { ADD_FAILURE() << to_line(error); };
  return listener;
}

bool MemoryService::step() {
  bool moved = healing_.step(kNoWait);
  moved = relay_.step(kNoWait) || moved;
  moved = subscription_.step(kNoWait) || moved;
  moved = worker_.busy() || moved;
  worker_.step({});
  // A healing is noticed when somebody looks: it is not at rest before all have.
  if (!world_.reconciled()) restless_until_ = clock_.now() + std::chrono::milliseconds(1200);
  return moved || worker_.pending() > 0 || clock_.now() < restless_until_;
}

Outcome MemoryService::give(const std::string& method, std::shared_ptr<const google::protobuf::Message> message,
                            const std::string& request_id) {
  const ApiMethod& entry = definition_.api.methods().at(method);
  Result<std::string> id = entry.target(*message, RequestInfo{request_id});
  if (!id.ok()) {
    Outcome refused;
    refused.error = id.error();
    return refused;
  }
  Command command;
  command.target = {entry.aggregate_type, *id};
  command.message = std::move(message);
  command.cause.mutable_request()->set_request_id(request_id);
  command.cause.mutable_request()->set_fingerprint(request_id);
  command.caller = {"test", "admin"};
  return worker_.step({std::move(command)}).at(0);
}

MemoryCompany::MemoryCompany(uint32_t shards, uint64_t seed)
    : shards_(shards), clock_(parse_instant("2026-11-24T10:00:00Z").value()), chance_(seed) {
  const InstallationKeys keys{"the key of the test"};
  for (const std::string& name : kServices) {
    services_[name] = std::make_unique<MemoryService>(definition_of(name, keys), broker_, clock_, chance_, shards);
  }
}

void MemoryCompany::settle() {
  int quiet = 0;
  for (int round = 0; round < 100'000; round++) {
    bool moved = false;
    for (auto& [name, service] : services_) moved = service->step() || moved;
    clock_.advance(std::chrono::milliseconds(1));
    // Timers and leases are looked after at intervals: quiet means for longer than those.
    quiet = moved ? 0 : quiet + 1;
    if (quiet > 60) return;
  }
  ADD_FAILURE() << "the company does not come to rest";
}

void MemoryCompany::list(const std::string& service, const std::string& type, const std::string& filter,
                         const std::function<void(const google::protobuf::Message&)>& take) {
  ListQuery query;
  query.filter = filter;
  query.page_size = 1000;
  do {
    auto page = services_.at(service)->queries().list(*services_.at(service)->definition().registry.find(type), query);
    ASSERT_TRUE(page.ok()) << to_line(page.error());
    for (auto& item : page->items) take(*item);
    query.page_token = page->next_page_token;
  } while (!query.page_token.empty());
}

uint64_t MemoryCompany::parked(const std::string& service) {
  auto counts = services_.at(service)->store().counts(std::string(kParkedIndex), all_shards(shards_));
  return std::accumulate(counts->begin(), counts->end(), uint64_t{0});
}

}  // namespace tandem::testing
