#include "services/cli/installation.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "services/cli/session.h"
#include "shared/base/ports.h"

namespace tandem::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr char kRecord[] = "installation.json";
constexpr size_t kShortestKey = 16;  // as services ask it

Error unusable(const std::filesystem::path& path, const std::string& reason) {
  return make_error(Code::kUnavailable, path.string(), reason + ": " + std::strerror(errno),
                    "check permissions and disk, or name another folder with --folder");
}

// Whole and unreadable for others from the first moment.
Status write_private(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path draft = file.string() + ".part";
  std::error_code ignored;  // left by a run that was killed
  std::filesystem::remove(draft, ignored);
  const int descriptor = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return unusable(file, "cannot be written");
  const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = close(descriptor) == 0;
  if (!written || !closed || rename(draft.c_str(), file.c_str()) != 0) return unusable(file, "cannot be written");
  return {};
}

// Leads are known by it. Another one in its place would be noticed by nobody, until persons who are known come back as
// new ones: it is drawn where there is nobody yet to be known.
Result<std::string> identity_key(const std::filesystem::path& folder, const Installation& installation) {
  if (auto key = read_identity_key(folder); key.ok() && key->size() >= kShortestKey) return key;
  if (!installation.begins_anew) {
    return make_error(
        Code::kFailedPrecondition, (folder / kIdentityKeyFile).string(), "is missing, cannot be read, or is not whole",
        installation.bus == "kafka" ? "restore it from the backup; with another one, known persons become new leads"
                                    : "run tandem down, then tandem up: the embedded bus begins anew");
  }
  SystemChance chance;
  const std::string key = fresh_token(chance) + fresh_token(chance) + fresh_token(chance) + fresh_token(chance);
  TANDEM_RETURN_IF_ERROR(write_private(folder / kIdentityKeyFile, key + "\n"));
  return key;
}

// Empty id: there is no record yet.
Result<Installation> read_record(const std::filesystem::path& folder) {
  std::ifstream in(folder / kRecord);
  if (!in) return Installation{};
  const json document = json::parse(in, nullptr, /*allow_exceptions=*/false);
  Installation record;
  try {
    record.id = document.at("id");
    record.bus = document.at("bus");
    record.kafka = document.value("kafka", "");
    record.shards = document.at("shards");
    record.redis = document.value("redis", 1u);
    record.replicas = document.value("replicas", 1u);
  } catch (const json::exception&) {
    return make_error(Code::kDataLoss, (folder / kRecord).string(), "is damaged",
                      "remove the folder if nothing in it matters, or name another one with --folder");
  }
  return record;
}

Status check_lasting(const Installation& there, const UpOptions& options) {
  const std::string folder = options.folder.string();
  if (!options.bus.empty() && options.bus != "kafka") {
    return make_error(Code::kFailedPrecondition, folder,
                      "holds an installation on Kafka, which the embedded bus would wipe out",
                      "use --bus kafka, or another --folder");
  }
  if (there.runs_broker() && !options.kafka.empty()) {
    return make_error(Code::kFailedPrecondition, folder,
                      "has its events in a Kafka of its own, not in " + options.kafka,
                      "leave --kafka out, or use another --folder");
  }
  if (options.shards != 0 && options.shards != there.shards) {
    return make_error(Code::kFailedPrecondition, "--shards",
                      "cannot change: this installation has " + std::to_string(there.shards) + " for all its life",
                      "use --shards " + std::to_string(there.shards));
  }
  if (options.redis != 0 && options.redis != there.redis) {
    return make_error(Code::kFailedPrecondition, "--redis",
                      "cannot change: the shards are spread over " + std::to_string(there.redis) + " for good",
                      "use --redis " + std::to_string(there.redis));
  }
  return {};
}

constexpr uint32_t kDefaultShards = 16;

// A bus that keeps nothing makes a new installation every time.
Installation new_installation(const UpOptions& options) {
  SystemChance chance;
  Installation installation;
  installation.id = "tandem-" + fresh_token(chance);
  installation.bus = options.bus.empty() ? "embedded" : options.bus;
  installation.kafka = options.kafka;
  installation.shards = options.shards == 0 ? kDefaultShards : options.shards;
  installation.redis = options.redis == 0 ? 1 : options.redis;
  installation.begins_anew = true;
  return installation;
}

}  // namespace

Result<Installation> open_installation(const UpOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    errno = error.value();
    return unusable(options.folder, "cannot be made");
  }
  TANDEM_ASSIGN_OR_RETURN(Installation installation, read_record(options.folder));
  if (!installation.id.empty() && installation.bus == "kafka") {
    TANDEM_RETURN_IF_ERROR(check_lasting(installation, options));
    if (!options.kafka.empty()) installation.kafka = options.kafka;  // brokers move
  } else {
    installation = new_installation(options);
  }
  if (options.replicas != 0) installation.replicas = options.replicas;
  TANDEM_ASSIGN_OR_RETURN(installation.identity_key, identity_key(options.folder, installation));
  return installation;
}

Status save_installation(const std::filesystem::path& folder, const Installation& installation) {
  const ordered_json record = {{"id", installation.id},       {"bus", installation.bus},
                               {"kafka", installation.kafka}, {"shards", installation.shards},
                               {"redis", installation.redis}, {"replicas", installation.replicas}};
  return write_private(folder / kRecord, record.dump(2) + "\n");
}

Result<Installation> saved_installation(const std::filesystem::path& folder) {
  TANDEM_ASSIGN_OR_RETURN(Installation installation, read_record(folder));
  if (installation.id.empty()) {
    return make_error(Code::kFailedPrecondition, folder.string(), "has no installation.json",
                      "run tandem down, then tandem up");
  }
  TANDEM_ASSIGN_OR_RETURN(installation.identity_key, identity_key(folder, installation));
  return installation;
}

Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::filesystem::path& folder) {
  const int descriptor = open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return unusable(folder, "cannot be locked");
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    return make_error(Code::kUnavailable, folder.string(), "is being started or stopped by somebody else",
                      "wait until that is done");
  }
  return std::unique_ptr<FolderLock>(new FolderLock(descriptor));
}

FolderLock::~FolderLock() { close(descriptor_); }

std::filesystem::path log_file(const std::filesystem::path& folder, const std::string& part) {
  return folder / (part + ".log");
}
std::filesystem::path pid_file(const std::filesystem::path& folder, const std::string& part) {
  return folder / (part + ".pid");
}
std::filesystem::path ready_file(const std::filesystem::path& folder, const std::string& part) {
  return folder / (part + ".ready");
}
std::filesystem::path redis_data(const std::filesystem::path& folder, const std::string& part) { return folder / part; }

}  // namespace tandem::cli
