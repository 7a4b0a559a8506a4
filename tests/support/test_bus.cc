#include "tests/support/test_bus.h"

#include <signal.h>

#include <cstdlib>
#include <stdexcept>

namespace tandem::testing {

TestBus::TestBus(const std::vector<std::string>& services, uint32_t partitions,
                 const std::vector<std::string>& kafka_known_as) {
  const char* wanted = std::getenv("TANDEM_TEST_BUS");
  const std::string bus = wanted == nullptr ? "embedded" : wanted;
  if (bus == "kafka") {
    kafka_ = std::make_unique<KafkaServer>(std::vector<std::string>{}, kafka_known_as);
  } else if (bus == "embedded") {
    embedded_ = std::make_unique<bus::EmbeddedBroker>(services, partitions);
  } else {
    throw std::runtime_error("TANDEM_TEST_BUS is \"" + bus + "\"; it must be embedded or kafka");
  }
}

std::string TestBus::bootstrap_servers() const {
  return kafka_ ? kafka_->bootstrap_servers() : embedded_->bootstrap_servers();
}

bus::KafkaOptions TestBus::kafka_options() const {
  if (embedded_) return embedded_->kafka_options();
  bus::KafkaOptions options;
  options.bootstrap_servers = kafka_->bootstrap_servers();
  return options;
}

void TestBus::pause() {
  if (kafka_) return kafka_->pause();
  kill(embedded_->pid(), SIGSTOP);
}

void TestBus::resume() {
  if (kafka_) return kafka_->resume();
  kill(embedded_->pid(), SIGCONT);
}

}  // namespace tandem::testing
