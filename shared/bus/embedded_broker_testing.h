// Starts a tandem-broker for a test, and stops it by its process id. The program is expected beside the test's own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "shared/bus/kafka_log.h"

namespace tandem::bus {

class EmbeddedBroker {
 public:
  // With tandem.<service>.events and .dead-letters of each. Throws std::runtime_error if it does not come up.
  explicit EmbeddedBroker(std::vector<std::string> services, uint32_t partitions = 4,
                          std::vector<std::string> arguments = {});
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;

  const std::string& bootstrap_servers() const { return bootstrap_servers_; }
  KafkaOptions kafka_options() const;
  pid_t pid() const { return pid_; }
  // SIGTERM, then waits; its exit status.
  int stop();

 private:
  pid_t pid_ = -1;
  std::string bootstrap_servers_;
};

}  // namespace tandem::bus
