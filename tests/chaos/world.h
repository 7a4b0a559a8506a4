// What is tormented: all services with their replicas, Redis and Kafka, each a process, with a proxy between every one
// of the processes and Redis, between it and the broker, and between the clients and it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/chaos/proxy.h"
#include "tests/support/installation.h"
#include "tests/system/company.h"

namespace tandem::chaos {

struct WorldOptions {
  uint32_t replicas = 2;
  // Redis and the broker write to file systems of their own, which can be made full.
  bool disks = false;
  // The library that services are started with, so that their clocks can jump; empty: they cannot.
  std::filesystem::path clock_library;
};

// What can become bad at once.
struct Link {
  std::string name;  // "marketing.2 to Redis"
  std::vector<Proxy*> proxies;
};

class World {
 public:
  // Returns when everything is ready, on the bus that TANDEM_TEST_BUS names ("kafka"). Throws std::runtime_error if it
  // does not get so.
  explicit World(WorldOptions options);
  ~World();

  testing::Installation& tandem() { return *tandem_; }
  testing::Company& company() { return *company_; }
  testing::KafkaServer& broker() { return *tandem_->bus().kafka(); }
  const std::vector<std::string>& processes() const { return processes_; }
  const WorldOptions& options() const { return options_; }

  // Of each process to Redis, and of the clients to it.
  std::vector<Link> links();
  // All of them first, then each.
  std::vector<Link> links_to_broker();
  // The service's clock, from its next look at it: so much before or after the true time.
  void set_clock(const std::string& process, int64_t seconds);
  // Nothing can be written to the disk of "redis" or "broker" any more, or again.
  void fill_disk(const std::string& part);
  void empty_disk(const std::string& part);

  // What is not as it should be, in words: a process that does not answer or says that something is wrong, shards that
  // do not serve, partitions that nobody reads. Empty if all is well.
  std::string not_well();

 private:
  std::map<std::string, std::string> environment_of(const std::string& process);
  void mount_disks();
  std::string process_not_well(const std::string& process, uint32_t& partitions_read);
  std::filesystem::path disk(const std::string& part);

  const WorldOptions options_;
  std::filesystem::path folder_;
  std::vector<std::string> processes_;
  std::map<std::string, Proxy> to_broker_;
  std::map<std::string, Proxy> to_redis_;
  std::map<std::string, Proxy> to_service_;
  std::unique_ptr<testing::Installation> tandem_;
  std::unique_ptr<testing::Company> company_;
};

// True if this process may mount file systems; it gets a mount namespace of its own, so that they end with it.
bool may_mount();
// The library of the package libfaketime; empty where it is not installed.
std::filesystem::path clock_library();

}  // namespace tandem::chaos
