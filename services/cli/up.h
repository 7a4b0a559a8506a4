// An installation on this machine: Redis, the bus and the four services as processes of their own on loopback, kept in
// a folder: logs, pid files, Redis' data, the identity key (mode 0600) and endpoints.json.
//
// With the embedded bus the bus and Redis are one disposable thing: bring_up begins anew. On Kafka the data stay, and
// bring_up goes on from them: with a Kafka node of the installation's own, or with brokers that are there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct UpOptions {
  std::filesystem::path folder;
  std::string bus;        // "embedded" or "kafka"; empty: what the folder has, or embedded
  std::string kafka;      // host:port,... with bus "kafka"; empty: what the folder has, or a node of its own
  uint32_t shards = 0;    // 0: what the folder has, or 16
  uint32_t redis = 0;     // primaries over which the shards are spread; 0: what the folder has, or 1
  uint32_t replicas = 0;  // of each service; 0: what the folder has, or 1
  std::string restart;    // a service: its processes are started again, though they are well
  // With a part that is not ready and does not say that it gets on. A Kafka of our own has longer.
  std::chrono::seconds patience{90};
  // Where the programs are; empty: beside this one.
  std::filesystem::path programs;
  // Told what is being done, one line each.
  std::function<void(const std::string&)> say = [](const std::string&) {};
  // Asked while waiting: true ends it, and nothing that it has started is left running.
  std::function<bool()> cancelled = [] { return false; };
};

enum class UpOutcome { kStarted, kAlreadyUp };

// Starts everything, and returns when all are ready. Where only services are missing, or another number of replicas is
// wanted, only they are started or stopped, and nothing is lost; where Redis or the bus is, the rest is stopped first.
// If a part does not come up: an error after the last lines of its log, and what was started is not left running.
Result<UpOutcome> bring_up(const UpOptions& options);

// Stops services, then the broker, then Redis; the names of what was running.
Result<std::vector<std::string>> bring_down(const std::filesystem::path& folder,
                                            const std::function<void(const std::string&)>& say);

// The parts of the installation that have a process, alive or not: "redis", "broker", "marketing", ...; further ones of
// a kind are "redis.2", "sales.2", "sales.3".
struct Part {
  std::string name;
  bool alive = false;
};
std::vector<Part> parts_of(const std::filesystem::path& folder);

// Log and pid file of a part, for tests that kill it.
std::filesystem::path log_file(const std::filesystem::path& folder, const std::string& part);
std::filesystem::path pid_file(const std::filesystem::path& folder, const std::string& part);
std::string part_name(const std::string& kind, uint32_t number);

}  // namespace tandem::cli
