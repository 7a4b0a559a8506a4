// All four services in one process, on the in-memory store and bus, stepped by hand on one thread with a clock that
// stands still: production engine, relay, subscription, inbox and rules, without servers.
//
//   MemoryCompany company;
//   company.give<marketing::v1::CaptureLead>("marketing", "CaptureLead", capture);
//   company.settle();                                      // until nothing moves any more
//   auto lead = company.get<marketing::v1::Lead>("marketing", {"lead", id});
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/query.h"
#include "shared/base/ports.h"
#include "shared/bus/memory_log.h"
#include "shared/bus/relay.h"
#include "shared/bus/subscription.h"
#include "shared/heal/shard_healing.h"
#include "shared/runtime/worker.h"
#include "shared/store/memory_healing.h"
#include "shared/store/memory_store.h"

namespace tandem::testing {

// One service.
class MemoryService {
 public:
  MemoryService(ServiceDefinition definition, bus::MemoryBroker& broker, Clock& clock, Chance& chance, uint32_t shards);

  // Healing, relay, subscription and worker, once each. True if something moved.
  bool step();
  Outcome give(const std::string& method, std::shared_ptr<const google::protobuf::Message> command,
               const std::string& request_id);
  Queries& queries() { return queries_; }
  Store& store() { return store_; }
  Outbox& survey() { return survey_; }
  // Its Redis, so to say: to restart it, or to empty it.
  store::MemoryWorld& world() { return world_; }
  const heal::ShardHealing& healing() const { return healing_; }
  const ServiceDefinition& definition() const { return definition_; }

 private:
  bus::SubscriptionListener listener();

  ServiceDefinition definition_;
  uint32_t shards_;
  Clock& clock_;
  bus::MemoryLog log_;
  store::MemoryWorld world_;
  store::MemoryStore store_;
  store::MemoryOutbox outbox_;
  store::MemoryOutbox survey_;
  store::MemoryHealing healing_store_;
  Engine engine_;
  Queries queries_;
  heal::ShardHealing healing_;
  bus::Relay relay_;
  bus::Subscription subscription_;
  runtime::Worker worker_;
  Instant restless_until_{};
};

class MemoryCompany {
 public:
  explicit MemoryCompany(uint32_t shards = 4, uint64_t seed = 1);

  template <class C>
  Outcome give(const std::string& service, const std::string& method, const C& command) {
    return services_.at(service)->give(method, std::make_shared<C>(command), "request-" + std::to_string(++requests_));
  }
  // Steps everything until nothing moves; a failure of the test if that does not come.
  void settle();

  template <class State>
  State get(const std::string& service, const AggregateRef& ref) {
    auto state = services_.at(service)->queries().get(ref);
    return state.ok() ? static_cast<const State&>(**state) : State();
  }
  template <class State>
  std::vector<State> list(const std::string& service, const std::string& type, const std::string& filter = "") {
    std::vector<State> all;
    list(service, type, filter,
         [&](const google::protobuf::Message& m) { all.push_back(static_cast<const State&>(m)); });
    return all;
  }
  uint64_t parked(const std::string& service);

  ManualClock& clock() { return clock_; }
  bus::MemoryBroker& broker() { return broker_; }
  MemoryService& service(const std::string& name) { return *services_.at(name); }

 private:
  void list(const std::string& service, const std::string& type, const std::string& filter,
            const std::function<void(const google::protobuf::Message&)>& take);

  uint32_t shards_;
  ManualClock clock_;
  SeededChance chance_;
  bus::MemoryBroker broker_;
  std::map<std::string, std::unique_ptr<MemoryService>> services_;
  uint64_t requests_ = 0;
};

}  // namespace tandem::testing
