// A running service, put together from a definition and the ports to the world. Starts in this order: the topics are as
// they must be, the store's shards are reconciled with them, the relay is warm, gRPC listens, consumed events flow;
// then it says that it is ready. Ends the other way round.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/healing.h"
#include "shared/aggregate/query.h"
#include "shared/aggregate/service_definition.h"
#include "shared/aggregate/store.h"
#include "shared/bus/log.h"
#include "shared/bus/relay.h"
#include "shared/bus/subscription.h"
#include "shared/heal/shard_healing.h"
#include "shared/rpc/server.h"
#include "shared/runtime/loop.h"
#include "shared/runtime/mailbox.h"
#include "shared/runtime/metrics.h"
#include "shared/runtime/worker.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::runtime {

struct ServiceOptions {
  std::string installation;
  uint32_t shards = 16;
  // Signs page tokens.
  std::string token_key;
  rpc::ServerOptions rpc;
  // Of a shard's relay, renewed at a third.
  std::chrono::milliseconds lease{3'000};
  // See Config::linger_us.
  std::chrono::microseconds linger{0};
  // How long a start waits for the bus and the store, and for a healing that makes no progress.
  std::chrono::milliseconds start_patience{30'000};
};

// What is wrong with the store, in words.
struct StoreProblem {
  v1::TroubleKind kind = v1::TROUBLE_KIND_UNSPECIFIED;
  std::string words;
};

class Service {
 public:
  // All must outlive the service. `store` is used by the loop's thread, `places` by the subscription's, `outbox` by the
  // relay's, `survey` by the loop's for what status tells, `healing` by the healing's.
  struct Ports {
    Store& store;
    Store& places;
    Outbox& outbox;
    Outbox& survey;
    Healing& healing;
    bus::Log& log;
    Clock& clock;
    Chance& chance;
    // What is wrong with the store. Called about once a second by the loop, which answers nobody meanwhile, and only if
    // the store has just answered. So it must not take long: a Redis that hangs at that moment costs seconds, see
    // store::RedisHealthProbe::check().
    std::function<std::vector<StoreProblem>()> store_problems = [] { return std::vector<StoreProblem>(); };
  };

  Service(const ServiceDefinition& definition, Ports ports, ServiceOptions options);
  ~Service();

  Status start();
  // Turns the loop until `stop` is set; on the thread that is to be the loop's.
  void run(const std::atomic<bool>& stop);
  // Requests under way are answered, consumed events are noted, the outbox is drained; `patience` at most.
  void stop(std::chrono::milliseconds patience);

  std::string address() const { return server_->address(); }
  // Any thread.
  bool ready() const { return ready_; }
  std::string metrics_text() const { return metrics_.text(); }
  // Any thread: what is wrong, in words; empty if nothing is.
  std::string troubles() const;

 private:
  bus::SubscriptionListener subscription_listener();
  bus::RelayListener relay_listener();
  heal::HealingListener healing_listener();
  // Until every shard serves; an error if one is refused, or nothing moves any more.
  Status reconcile();
  Status learn_generations();
  void keep_reconciled();

  // service_status.cc
  v1::ServiceStatus status();
  void add_work(const BatchReport& report);
  bool add_healing(v1::ServiceStatus& status) const;
  void add_relay(v1::ServiceStatus& status) const;
  void add_shards(v1::ServiceStatus& status);
  void add_subscription(v1::ServiceStatus& status);
  void show_healing();
  void refresh_status();
  Result<uint64_t> count_parked();

  const ServiceDefinition& definition_;
  Ports ports_;
  ServiceOptions options_;
  Mailbox mailbox_;
  Metrics metrics_;
  v1::Work work_;  // of the engine
  Engine engine_;
  Queries queries_;
  heal::ShardHealing healing_;
  bus::Relay relay_;
  bus::Subscription subscription_;
  Worker worker_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<Loop> loop_;
  std::atomic<bool> ready_{false};
  std::atomic<Loop*> listening_{nullptr};  // for the relay's thread
  Instant started_at_;
  std::chrono::steady_clock::time_point next_refresh_{};
  mutable std::mutex troubles_mutex_;
  std::string troubles_;
  std::mutex ending_mutex_;
  std::condition_variable ending_;
  bool healing_ends_ = false;
  std::thread healing_thread_;
};

}  // namespace tandem::runtime
