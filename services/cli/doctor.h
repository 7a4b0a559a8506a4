// What is wrong with an installation, in words, and what to do about it. diagnose() is a pure function of what
// examine() has found; docs/operations.md says the same by alarm.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "services/cli/status.h"
#include "shared/base/result.h"
#include "shared/store/health.h"

namespace tandem::cli {

struct Checkup {
  struct Redis {
    store::RedisHealth health;
    std::string last_words;  // what its log ends with, if it is ours and does not answer
  };
  struct Bus {
    std::string address;
    bool embedded = false;
    std::string configs_tool;  // what to call instead of kafka-configs.sh, where the node is the installation's own
    std::optional<Error> no_answer;
    std::vector<Error> topics;  // those that are not as they must be
  };
  // The disk of the installation's folder, in bytes.
  struct Disk {
    std::string path;
    uint64_t free = 0;
    uint64_t size = 0;
  };

  std::string installation;
  std::vector<Redis> redis;
  Bus bus;
  std::vector<ServiceReport> services;
  std::map<std::string, std::string> last_words;  // of services that do not answer: the last error in their log
  std::optional<Disk> disk;
};

struct Finding {
  std::string kind;     // a word for programs: "redis-down"
  std::string subject;  // who has it: "redis 127.0.0.1:6379", "sales"
  std::string what;     // reads after the subject
  std::string to_do;

  bool operator==(const Finding&) const = default;
};

// Causes first, then what may follow from them; what certainly does is left out. Empty if all is well.
std::vector<Finding> diagnose(const Checkup& checkup);

// Asks Redis, the bus and every service, and looks into the logs of who does not answer. An error only if nobody knows
// where they are.
Result<Checkup> examine(Session& session);

}  // namespace tandem::cli
