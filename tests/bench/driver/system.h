// What is measured: the product or the floor, each with a Redis of its own that syncs before it replies, on the
// benchmark's broker. Started anew for each run.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/processes.h"
#include "shared/base/result.h"
#include "shared/bus/log.h"
#include "tests/bench/driver/usage.h"
#include "tests/support/redis_server.h"

namespace tandem::runtime::v1 {
class ServiceStatus;
}

namespace tandem::bench {

struct SystemOptions {
  std::filesystem::path folder;  // for logs and the like
  std::filesystem::path programs;
  std::string kafka;    // host:port
  pid_t kafka_pid = 0;  // to count what it uses
  uint32_t shards = 16;
  uint32_t teams = 64;  // that share the leads
  uint32_t replicas = 1;
  uint32_t redis = 1;                             // of the product, over which the shards are spread
  bool embedded = false;                          // the product on an embedded broker of its own instead
  std::map<std::string, std::string> settings{};  // of the product's services, over the defaults
};

// What a service says it has done since it started: sums, times in microseconds.
struct ServiceWork {
  double batches = 0;
  double commands = 0;
  double load_us = 0;  // of batches, as the next two
  double decide_us = 0;
  double commit_us = 0;
  double published = 0;  // events
  double relay_us = 0;   // of events, from their recording until Kafka has them and the outbox is trimmed
};

class System {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  // With new topics; returns when all processes say that they are ready.
  virtual Status start() = 0;
  // What has to be there before the first lead: campaigns, teams.
  virtual Status prepare() = 0;
  void stop();

  // So that the command line finds it, in options().folder. The floor has none.
  virtual Status write_endpoints() const = 0;
  // Of the first Redis.
  uint16_t redis_port() const { return redis_.front()->port(); }
  // Where a process ("sales.2") takes calls.
  virtual std::string grpc_of(const std::string& process) const = 0;
  // Where leads are captured.
  std::string address() const { return grpc_of("marketing"); }
  // The lead that a record of sales' topic assigns.
  virtual std::optional<std::string> assigned_lead(const bus::Record& record) const = 0;
  virtual std::string topic_of(const std::string& service) const = 0;
  // Everything that works for it: services, Redis, Kafka.
  std::vector<Part> parts() const;
  // Services alone; replicas have one name.
  std::vector<Part> services() const;
  // Events committed since it began, by service.
  Result<std::map<std::string, uint64_t>> commits();
  // What the services say they have done since they started, replicas together; the floor says nothing.
  virtual Result<std::map<std::string, ServiceWork>> work() = 0;
  // From the start of the processes until the last of them was ready.
  double seconds_to_ready() const { return seconds_to_ready_; }
  Status kill(const std::string& name);  // SIGKILL
  // Ends a process ("sales"), if it has not ended, and starts it again: seconds from its start until it was ready.
  Result<double> restart(const std::string& name);

  const SystemOptions& options() const { return options_; }
  // "127.0.0.1:6379", of several "127.0.0.1:6379,127.0.0.1:6380".
  std::string redis_addresses() const;

 protected:
  System(SystemOptions options, std::string key_prefix) : options_(std::move(options)), key_prefix_(key_prefix) {}

  // Services whose commits count.
  virtual std::vector<std::string> committing() const = 0;
  void start_redis();
  Status launch(const std::string& service, const std::string& name, cli::ProcessSpec spec);
  // The ready files' contents, by process name ("sales", "sales.2").
  Status await_all();
  std::filesystem::path ready_file(const std::string& name) const { return options_.folder / (name + ".ready"); }

  const SystemOptions options_;
  std::map<std::string, std::string> ready_;

 private:
  struct Process {
    std::string name;
    std::string service;
    cli::ProcessSpec spec;
    cli::ProcessId id;
    Time started{};
  };
  Result<Process*> process(const std::string& name);
  void add_commits(uint16_t redis_port, std::map<std::string, uint64_t>& commits) const;
  Status run(Process& process);
  // Seconds since it started.
  Result<double> await(const Process& process);

  const std::string key_prefix_;  // of its hash tags: "{floor-sales:3}"
  std::vector<std::unique_ptr<testing::RedisServer>> redis_;
  std::vector<Process> processes_;
  double seconds_to_ready_ = 0;
};

// The name of a service's process, the first with number 0: "sales", "sales.2".
std::string replica_name(const std::string& service, uint32_t replica);
// What a process of the product ("sales.2") says of itself. Include admin.pb.h.
Result<runtime::v1::ServiceStatus> status_of(const System& system, const std::string& process);

std::unique_ptr<System> make_product(SystemOptions options);
std::unique_ptr<System> make_floor(SystemOptions options);

}  // namespace tandem::bench
