// What is measured: the product or the floor, each with a Redis of its own that syncs before it replies, on the
// benchmark's broker. Started anew for each run.
#pragma once

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

namespace tandem::bench {

struct SystemOptions {
  std::filesystem::path folder;  // for logs and the like
  std::filesystem::path programs;
  std::string kafka;    // host:port
  pid_t kafka_pid = 0;  // to count what it uses
  uint32_t shards = 16;
  uint32_t teams = 64;  // that share the leads
  uint32_t replicas = 1;
  std::map<std::string, std::string> settings{};  // of the product's services, over the defaults
};

class System {
 public:
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
  // Where leads are captured.
  virtual std::string address() const = 0;
  // The lead that a record of sales' topic assigns.
  virtual std::optional<std::string> assigned_lead(const bus::Record& record) const = 0;
  virtual std::string topic_of(const std::string& service) const = 0;
  // Everything that works for it: services, Redis, Kafka.
  std::vector<Part> parts() const;
  // Services alone.
  const std::vector<Part>& services() const { return services_; }
  // Events committed since it began, by service.
  Result<std::map<std::string, uint64_t>> commits();
  // From the start of the processes until the last of them was ready.
  double seconds_to_ready() const { return seconds_to_ready_; }

  const SystemOptions& options() const { return options_; }
  uint16_t redis_port() const { return redis_->port(); }

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
    cli::ProcessId id;
  };
  const std::string key_prefix_;  // of its hash tags: "{floor-sales:3}"
  std::unique_ptr<testing::RedisServer> redis_;
  std::vector<Process> processes_;
  std::vector<Part> services_;
  std::chrono::steady_clock::time_point launched_{};
  double seconds_to_ready_ = 0;
};

std::unique_ptr<System> make_product(SystemOptions options);
std::unique_ptr<System> make_floor(SystemOptions options);

}  // namespace tandem::bench
