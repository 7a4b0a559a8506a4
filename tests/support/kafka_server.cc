#include "tests/support/kafka_server.h"

#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "shared/base/free_port.h"
#include "tests/support/temporary_folder.h"

namespace tandem::testing {
namespace {

constexpr std::string_view kReady = "Kafka Server started";
constexpr std::chrono::minutes kPatience{10};  // the jars may have to be brought first

bool has_line_with(const std::string& file, std::string_view text) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

KafkaServer::KafkaServer(std::vector<std::string> settings, const std::vector<std::string>& known_as)
    : settings_(std::move(settings)), port_(free_port().value()), controller_port_(free_port().value()) {
  if (!known_as.empty()) listen_as(known_as);
  folder_ = make_temporary_folder("kafka").string();
  start();
}

KafkaServer::~KafkaServer() {
  process_.reset();
  std::error_code ignored;  // a folder left behind in /tmp fails no test
  std::filesystem::remove_all(folder_, ignored);
}

// Clients of Kafka go where it says that it is, and what it says depends on the listener that they came by.
void KafkaServer::listen_as(const std::vector<std::string>& known_as) {
  std::string advertised = "PLAINTEXT://" + bootstrap_servers();
  std::string listeners = advertised + ",CONTROLLER://127.0.0.1:" + std::to_string(controller_port_);
  std::string protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
  for (const std::string& address : known_as) {
    const uint16_t port = ports_behind_[address] = free_port().value();
    const std::string name = "BEHIND" + std::to_string(port);
    listeners += "," + name + "://127.0.0.1:" + std::to_string(port);
    advertised += "," + name + "://" + address;
    protocols += "," + name + ":PLAINTEXT";
  }
  settings_.push_back("listeners=" + listeners);
  settings_.push_back("advertised.listeners=" + advertised);
  settings_.push_back("listener.security.protocol.map=" + protocols);
  settings_.push_back("inter.broker.listener.name=PLAINTEXT");
}

void KafkaServer::start() {
  const std::string log = folder_ + "/node.log";
  std::filesystem::remove(log);
  std::vector<std::string> arguments{
      "node", folder_, "--port", std::to_string(port_), "--controller-port", std::to_string(controller_port_)};
  for (const std::string& setting : settings_) arguments.insert(arguments.end(), {"--set", setting});
  // The quick compiler alone: a test ends before the thorough one has paid off.
  process_ = std::make_unique<ChildProcess>(
      std::string(TANDEM_SOURCE_DIR) + "/deploy/kafka/kafka.sh", arguments,
      std::map<std::string, std::string>{{"TANDEM_KAFKA_JVM", "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"}},
      log);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!has_line_with(log, kReady)) {
    if (process_->ended() || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("Kafka does not get ready:\n" + last_lines(log, 20));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void KafkaServer::pause() { process_->signal(SIGSTOP); }
void KafkaServer::resume() { process_->signal(SIGCONT); }
void KafkaServer::kill9() { process_->end(SIGKILL); }
void KafkaServer::stop() { process_->end(SIGTERM); }

void KafkaServer::restart() {
  if (!process_->ended()) kill9();
  start();
}

}  // namespace tandem::testing
