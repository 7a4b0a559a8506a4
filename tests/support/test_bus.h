// The bus of a test: the embedded broker, or a real Kafka node of the test's own. Which of them the environment says
// (TANDEM_TEST_BUS, embedded or kafka; embedded by default): ctest runs the system tests with both.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/bus/embedded_broker_testing.h"
#include "shared/bus/kafka_log.h"
#include "tests/support/kafka_server.h"

namespace tandem::testing {

class TestBus {
 public:
  // On the embedded broker the topics of these services are there; on Kafka services make them. `kafka_known_as`: see
  // kafka_server.h.
  TestBus(const std::vector<std::string>& services, uint32_t partitions,
          const std::vector<std::string>& kafka_known_as = {});

  // "embedded" or "kafka", as the setting of services is called.
  std::string name() const { return kafka_ ? "kafka" : "embedded"; }
  std::string bootstrap_servers() const;
  bus::KafkaOptions kafka_options() const;
  // Null on the embedded bus.
  KafkaServer* kafka() { return kafka_.get(); }
  // SIGSTOP and SIGCONT.
  void pause();
  void resume();

 private:
  std::unique_ptr<bus::EmbeddedBroker> embedded_;
  std::unique_ptr<KafkaServer> kafka_;
};

}  // namespace tandem::testing
