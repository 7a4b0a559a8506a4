// The files of an installation's folder (up.h), and what was decided once for all of its life.
//
//   installation.json  what was decided          identity.key  mode 0600          endpoints.json  while it is up
//   <part>.log .pid .ready                       redis/        Redis' data        lock            held by up and down
//   kafka/                                       the node of its own: data, and the program that starts it
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "services/cli/up.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct Installation {
  std::string id;
  std::string bus;    // "embedded" or "kafka"
  std::string kafka;  // bootstrap servers of brokers that are not ours; empty: the broker is one of the parts
  uint32_t shards = 0;
  uint32_t redis = 1;     // primaries; for life, since shard i is on number i modulo their count
  uint32_t replicas = 1;  // of each service
  std::string identity_key;
  // Nothing of what the folder has is of use any more.
  bool begins_anew = false;

  bool runs_broker() const { return kafka.empty(); }
};

// What the folder has, or else something new; makes the folder. Nothing is decided for good until it is saved, which is
// when it has come up. FAILED_PRECONDITION if the folder holds an installation that
// lasts (bus kafka) and the options want another bus, other owners of its log, or another number of shards, or if its
// identity key is not there: only what is new draws one.
Result<Installation> open_installation(const UpOptions& options);

Status save_installation(const std::filesystem::path& folder, const Installation& installation);
// What was saved. FAILED_PRECONDITION if nothing was, or its identity key is not there.
Result<Installation> saved_installation(const std::filesystem::path& folder);

// Held while processes are started or stopped: two at once would be in each other's way.
class FolderLock {
 public:
  // UNAVAILABLE if somebody else holds it.
  static Result<std::unique_ptr<FolderLock>> take(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

std::filesystem::path ready_file(const std::filesystem::path& folder, const std::string& part);
// Of "redis", "redis.2", ...
std::filesystem::path redis_data(const std::filesystem::path& folder, const std::string& part);

}  // namespace tandem::cli
