// The Kafka node of an installation that has one of its own: deploy/kafka, which is part of this program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/bus/log.h"

namespace tandem::cli {

struct KafkaNode {
  std::string program;
  std::vector<std::string> arguments;
  std::string bootstrap_servers;
};

// Writes the script and its settings into <folder>/kafka/program, and picks free ports. The node's data are in
// <folder>/kafka/data and stay.
Result<KafkaNode> prepare_kafka_node(const std::filesystem::path& folder);

// Its program, as written there: kafka.sh.
std::filesystem::path kafka_program(const std::filesystem::path& folder);
std::filesystem::path kafka_data(const std::filesystem::path& folder);

// Whether brokers answer at an address; each look takes half a second at most.
class BrokerProbe {
 public:
  static Result<BrokerProbe> make(const std::string& bootstrap_servers);
  bool answers();

 private:
  explicit BrokerProbe(std::unique_ptr<bus::LogAdmin> admin) : admin_(std::move(admin)) {}
  std::unique_ptr<bus::LogAdmin> admin_;
};

}  // namespace tandem::cli
