// A real Kafka node for a test (deploy/kafka): on free loopback ports, in a folder of its own. Started by the
// constructor, which returns when it is ready; killed, and its folder removed, by the destructor, or when the thread
// that started it ends. The first one on a machine brings Kafka's jars, which takes a minute.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace tandem::testing {

class KafkaServer {
 public:
  // `settings` are Kafka's own, for example {"default.replication.factor=3"}. `known_as` are addresses at which
  // somebody else stands before it: for each it has a port, on which it tells clients that this is where it is. Throws
  // std::runtime_error, with the end of the log, if it cannot be started.
  explicit KafkaServer(std::vector<std::string> settings = {}, const std::vector<std::string>& known_as = {});
  ~KafkaServer();
  KafkaServer(const KafkaServer&) = delete;
  KafkaServer& operator=(const KafkaServer&) = delete;

  std::string bootstrap_servers() const { return "127.0.0.1:" + std::to_string(port_); }
  uint16_t port_behind(const std::string& known_as) const { return ports_behind_.at(known_as); }
  // <folder>/data/<topic>-<partition> has a partition's segments.
  const std::string& folder() const { return folder_; }
  pid_t pid() const { return process_->pid(); }

  void pause();
  void resume();
  void kill9();
  // SIGTERM, and waits until it is gone.
  void stop();
  // On the same ports and data, after it has ended; returns when it is ready.
  void restart();

 private:
  void start();

  void listen_as(const std::vector<std::string>& known_as);

  std::vector<std::string> settings_;
  std::string folder_;
  uint16_t port_ = 0;
  uint16_t controller_port_ = 0;
  std::map<std::string, uint16_t> ports_behind_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace tandem::testing
