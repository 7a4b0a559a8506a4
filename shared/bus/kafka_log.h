// The log on Kafka, through librdkafka: also on the embedded broker (tandem-broker), which speaks the same protocol.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "shared/bus/log.h"

namespace tandem::bus {

struct KafkaOptions {
  std::string bootstrap_servers;  // "host:port,host:port"
  // The embedded broker: it cannot make topics, keeps 5 MB a partition, and does not wake a fetch that waits.
  bool embedded = false;
  std::string client_id = "tandem";
  // What members of a group read is gathered by the broker for so long, and comes in fewer answers. 0 = the first
  // record is answered with at once.
  Millis fetch_wait{0};
  // Of topics that are created; 0 = as the broker is configured.
  int replication_factor = 0;
  // A member of a group that is silent for so long is dead. The broker's least is 6 s by default.
  Millis session_timeout{6000};
  // Further settings of librdkafka (security.protocol, ssl.ca.location, ...), applied last.
  std::map<std::string, std::string> settings;
  // What librdkafka logs (syslog levels). Called by its threads.
  std::function<void(int level, const std::string& line)> on_log;
};

class KafkaLog : public Log {
 public:
  explicit KafkaLog(KafkaOptions options) : options_(std::move(options)) {}

  // INVALID_ARGUMENT for settings that librdkafka does not take.
  Result<std::unique_ptr<LogWriter>> make_writer() override;
  Result<std::unique_ptr<LogReader>> make_reader(ReaderOptions options) override;
  Result<std::unique_ptr<LogAdmin>> make_admin() override;
  std::string retention_advice() const override;

 private:
  const KafkaOptions options_;
};

}  // namespace tandem::bus
