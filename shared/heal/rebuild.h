// Builds a service's state from its log, beside the live data and while the service serves, and says where they differ:
// byte for byte, aggregate by aggregate, with all its index entries and timers, and the inbox marks and request ids.
// What differs can be put right, each aggregate in one step that refuses if it has changed meanwhile; so no write is
// refused for it.
//
// What the log does not say is not compared: places, replies to requests that led to no event, and timers that have
// fired and led to nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/aggregate/inspection.h"
#include "shared/base/ports.h"
#include "shared/bus/log.h"
#include "shared/heal/folder.h"
#include "shared/heal/partitions_reader.h"
#include "shared/heal/replay.h"

namespace tandem::heal {

struct RebuildOptions {
  std::string installation;
  std::string service;
  uint32_t shards = 16;
  // Puts right what differs; else it is only said.
  bool mend = false;
  // How often an aggregate that changes under the hands is looked at again.
  int attempts = 20;
  std::chrono::milliseconds patience{10'000};  // for the log
};

struct Difference {
  uint32_t shard = 0;
  // "lead/lead-…", "mark of sales/3", "request …".
  std::string what;
  std::string how;
  bool mended = false;
};

struct RebuildReport {
  uint64_t events = 0;       // folded
  uint64_t unpublished = 0;  // of these: only Redis has them
  uint64_t aggregates = 0;   // compared
  uint64_t requests = 0;
  uint64_t marks = 0;
  uint64_t different = 0;
  uint64_t mended = 0;
  // Aggregates that changed each time they were looked at; they are not compared.
  uint64_t busy = 0;
  // The first thousand.
  std::vector<Difference> differences;

  bool well() const { return different == mended && busy == 0; }
};

struct RebuildProgress {
  enum class Phase { kReading, kComparing, kDone };
  Phase phase = Phase::kReading;
  uint32_t shard = 0;
  uint64_t records = 0;  // read, of all shards
  uint64_t total = 0;    // as of the beginning
};

class Rebuild {
 public:
  // Ports must outlive it.
  Rebuild(
      Inspection& inspection, bus::Log& log, const Registry& registry, Clock& clock, RebuildOptions options,
      std::function<void(const RebuildProgress&)> on_progress = [](const RebuildProgress&) {});

  // Shard after shard; memory for one at a time. UNAVAILABLE if the store or the log does not answer; DATA_LOSS or
  // FAILED_PRECONDITION in words if the log cannot be the one that belongs to the service.
  Result<RebuildReport> run();

 private:
  friend class ShardRebuild;

  void enter(RebuildProgress::Phase phase);

  Inspection& inspection_;
  bus::Log& log_;
  const Registry& registry_;
  Clock& clock_;
  const RebuildOptions options_;
  const std::function<void(const RebuildProgress&)> on_progress_;
  PartitionsReader reader_;
  RebuildProgress progress_;
  RebuildReport report_;
};

}  // namespace tandem::heal
