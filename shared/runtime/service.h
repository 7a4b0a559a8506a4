// A running service, put together from a definition and the ports to the world. Starts in this order: the store's
// shards are open, the topics are as they must be, the relay is warm, gRPC listens, consumed events flow; then it says
// that it is ready. Ends the other way round.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/query.h"
#include "shared/aggregate/service_definition.h"
#include "shared/aggregate/store.h"
#include "shared/bus/log.h"
#include "shared/bus/relay.h"
#include "shared/bus/subscription.h"
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
  // See Config::linger_us.
  std::chrono::microseconds linger{0};
  // How long a start waits for the bus and the store.
  std::chrono::milliseconds start_patience{30'000};
};

class Service {
 public:
  // All must outlive the service. `store` is used by the loop's thread, `places` by the subscription's, `outbox` by the
  // relay's, `survey` by the loop's for what status tells.
  struct Ports {
    Store& store;
    Store& places;
    Outbox& outbox;
    Outbox& survey;
    bus::Log& log;
    Clock& clock;
    Chance& chance;
    // What is wrong with the store, in words. Called about once a second by the loop; must not take long.
    std::function<std::vector<std::string>()> store_problems = [] { return std::vector<std::string>(); };
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
  // FAILED_PRECONDITION if the log has events that the store does not know: it is not the one that wrote them.
  Status compare_with_log();
  v1::ServiceStatus status();
  void refresh_status();
  Result<uint64_t> count_parked();

  const ServiceDefinition& definition_;
  Ports ports_;
  ServiceOptions options_;
  Mailbox mailbox_;
  Metrics metrics_;
  Engine engine_;
  Queries queries_;
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
};

}  // namespace tandem::runtime
