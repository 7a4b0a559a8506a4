// A whole Tandem for a test: a Redis and a bus of its own (embedded or Kafka, see test_bus.h) and the services, each a
// process, on free loopback ports and in a temporary folder. Ends with the test, whatever becomes of it; prints the
// ends of the logs if the test has failed.
//
//   Installation tandem;
//   auto result = tandem.call<type::v1::CommandResult>("marketing", "CaptureLead", capture);
//   tandem.kill9("sales");
//   tandem.start("sales");
//
// A process is named by its service; further replicas are "sales.2", "sales.3". start, stop and the like belong to the
// thread of the test (a process ends with the thread that started it); client() and call() are safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/services.h"
#include "shared/bus/kafka_log.h"
#include "shared/rpc/client.h"
#include "shared/store/redis_options.h"
#include "tandem/runtime/v1/admin.pb.h"
#include "tests/support/child_process.h"
#include "tests/support/redis_server.h"
#include "tests/support/test_bus.h"

namespace tandem::testing {

struct InstallationOptions {
  uint32_t shards = 4;  // fewer than in life: quicker
  // They have topics. Those of `running` are started; others may be, or may be played by the test.
  std::vector<std::string> services = kServices;
  std::vector<std::string> running = services;
  // Settings of all services over those that the installation gives, for example {"TANDEM_LOG_LEVEL", "debug"}.
  std::map<std::string, std::string> environment{};
  // Settings of one process over these, asked for whenever it is started.
  std::function<std::map<std::string, std::string>(const std::string& name)> environment_of{};
  // Where clients reach a process that listens at `address`: for a test that stands between them.
  std::function<std::string(const std::string& name, const std::string& address)> reached_at{};
  // Where processes reach the Kafka node, for a test that stands between them: see kafka_server.h.
  std::vector<std::string> kafka_known_as{};
};

class Installation {
 public:
  using Millis = std::chrono::milliseconds;

  // Returns when everything is ready. Throws std::runtime_error, with the ends of the logs, if it does not get so.
  explicit Installation(InstallationOptions options = {});
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  RedisServer& redis() { return redis_; }
  TestBus& bus() { return bus_; }
  // SIGSTOP and SIGCONT: the embedded broker would forget everything if it were ended.
  void pause_bus() { bus_.pause(); }
  void resume_bus() { bus_.resume(); }

  // Returns when it is ready; throws as the constructor does.
  void start(const std::string& name);
  void start(const std::vector<std::string>& names);
  void kill9(const std::string& name);
  // SIGTERM; its exit status, or -1 if it did not end by itself.
  int stop(const std::string& name);
  void restart(const std::string& name);
  void pause(const std::string& name);
  void resume(const std::string& name);

  // After a restart a service has another port and another client.
  std::shared_ptr<rpc::Client> client(const std::string& name);
  // "AcceptLead" of "sales" or "sales.2" is tandem.sales.v1.SalesService.AcceptLead.
  template <class Resp>
  Result<Resp> call(const std::string& name, const std::string& method, const google::protobuf::Message& request,
                    const rpc::CallOptions& options = {}) {
    return client(name)->call<Resp>(method_name(name, method), request, options);
  }
  static std::string method_name(const std::string& name, const std::string& method);
  // By AdminService. UNAVAILABLE if it does not answer.
  Result<runtime::v1::ServiceStatus> status(const std::string& name);
  // Status and body of a page of the admin port; {0, ""} if it does not answer.
  std::pair<int, std::string> admin_page(const std::string& name, const std::string& path);
  // Everything is published and applied: nothing unpublished, no lag, all partitions read, in all services, and the
  // numbers of events do not change any more. False if that does not come.
  bool settle(Millis patience = std::chrono::seconds(20));
  // Compares a service's data in Redis with the fold of its log, by its own program; what differs, empty if nothing.
  std::string verify(const std::string& service);
  // How many partitions of all sources the replicas of a service have to read together.
  uint32_t partitions_of(const std::string& service) const { return partitions_.at(service); }

  uint32_t shards() const { return options_.shards; }
  const std::vector<std::string>& services() const { return options_.services; }
  const std::string& identity_key() const { return identity_key_; }
  // To look into a service's data and the bus with the production code.
  store::RedisOptions redis_options(const std::string& service) const;
  bus::KafkaOptions kafka_options() const { return bus_.kafka_options(); }
  std::string log_tail(const std::string& name, size_t lines = 20) const;

 private:
  struct Process {
    std::unique_ptr<ChildProcess> child;
    std::string admin;
  };

  std::unique_ptr<ChildProcess> run(const std::string& name, const std::vector<std::string>& arguments,
                                    const std::filesystem::path& log);
  void launch(const std::string& name);
  void await_ready(const std::string& name);
  // Each process' count of events; empty while something is under way.
  std::vector<uint64_t> events_at_rest();
  std::filesystem::path file(const std::string& name, const char* extension) const;

  const InstallationOptions options_;
  const std::string identity_key_ = "the identity key of the tests";
  std::filesystem::path folder_;
  RedisServer redis_;
  TestBus bus_;
  std::map<std::string, uint32_t> partitions_;  // that each service reads
  std::map<std::string, Process> processes_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<rpc::Client>> clients_;
};

// Polls until it holds; false if it does not in time.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = std::chrono::seconds(20));

}  // namespace tandem::testing
