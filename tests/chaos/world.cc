#include "tests/chaos/world.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace tandem::chaos {
namespace {

using testing::Installation;
using testing::InstallationOptions;

constexpr char kDiskSize[] = "size=8g";  // takes no more than what is written
constexpr int kAttemptsToFill = 1000;

std::string service_of(const std::string& process) { return process.substr(0, process.find('.')); }

void mount_disk(const std::filesystem::path& at) {
  if (mount("tandem-chaos", at.c_str(), "tmpfs", 0, kDiskSize) != 0) {
    throw std::runtime_error("a file system cannot be mounted at " + at.string());
  }
}

bool resize_disk(const std::filesystem::path& at, const std::string& size) {
  if (mount("tandem-chaos", at.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) == 0) return true;
  if (errno == EINVAL) return false;  // more is in it by now
  throw std::runtime_error("the file system at " + at.string() + " cannot be given another size: " + strerror(errno));
}

std::string size_of_what_is_in(const std::filesystem::path& disk) {
  struct statvfs now{};
  if (statvfs(disk.c_str(), &now) != 0) throw std::runtime_error("no file system at " + disk.string());
  return "size=" + std::to_string((now.f_blocks - now.f_bfree) * now.f_frsize);
}

}  // namespace

bool may_mount() {
  testing::programs_folder();  // asked in the new namespace, the kernel may name them by a path that is none here
  return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

std::filesystem::path clock_library() {
  for (const auto& architecture : std::filesystem::directory_iterator("/usr/lib")) {
    const auto library = architecture.path() / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(library)) return library;
  }
  return {};
}

World::World(WorldOptions options) : options_(std::move(options)), folder_(testing::make_temporary_folder("chaos")) {
  for (uint32_t replica = 1; replica <= options_.replicas; replica++) {
    for (const std::string& service : kServices) {
      processes_.push_back(replica == 1 ? service : service + "." + std::to_string(replica));
      to_broker_[processes_.back()];
      to_redis_[processes_.back()];
      to_service_[processes_.back()];
    }
  }
  InstallationOptions installation;
  installation.running = {};
  installation.environment_of = [this](const std::string& process) { return environment_of(process); };
  installation.reached_at = [this](const std::string& process, const std::string& address) {
    Proxy& proxy = to_service_.at(process);
    proxy.lead_to(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    return proxy.address();
  };
  for (const auto& [process, proxy] : to_broker_) installation.kafka_known_as.push_back(proxy.address());
  tandem_ = std::make_unique<Installation>(std::move(installation));
  if (options_.disks) mount_disks();
  for (auto& [process, proxy] : to_broker_) proxy.lead_to(broker().port_behind(proxy.address()));
  tandem_->start(processes_);
  company_ = std::make_unique<testing::Company>(*tandem_);
  company_->define();
}

World::~World() {
  company_.reset();
  const std::vector<std::filesystem::path> disks =
      options_.disks ? std::vector{disk("redis"), disk("broker")} : std::vector<std::filesystem::path>{};
  if (tandem_) {
    for (const std::string& process : processes_) tandem_->kill9(process);
    tandem_->redis().kill9();
    broker().kill9();
  }
  for (const auto& one : disks) umount2(one.c_str(), MNT_DETACH);
  tandem_.reset();
  std::error_code ignored;  // a folder left behind in /tmp harms nobody
  std::filesystem::remove_all(folder_, ignored);
}

void World::mount_disks() {
  tandem_->redis().kill9();
  mount_disk(disk("redis"));
  tandem_->redis().restart();
  broker().kill9();
  mount_disk(disk("broker"));
  broker().restart();
}

std::filesystem::path World::disk(const std::string& part) {
  return part == "redis" ? std::filesystem::path(tandem_->redis().folder())
                         : std::filesystem::path(broker().folder()) / "data";
}

std::map<std::string, std::string> World::environment_of(const std::string& process) {
  std::map<std::string, std::string> settings{{"TANDEM_KAFKA", to_broker_.at(process).address()}};
  Proxy& proxy = to_redis_.at(process);
  proxy.lead_to(tandem_->redis().port());
  settings["TANDEM_REDIS"] = proxy.address();
  if (!options_.clock_library.empty()) {
    set_clock(process, 0);
    settings["LD_PRELOAD"] = options_.clock_library.string();
    settings["FAKETIME_TIMESTAMP_FILE"] = (folder_ / (process + ".clock")).string();
    settings["FAKETIME_CACHE_DURATION"] = "1";
    settings["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
  }
  return settings;
}

void World::set_clock(const std::string& process, int64_t seconds) {
  const auto file = folder_ / (process + ".clock");
  const auto part = folder_ / (process + ".clock.part");
  std::ofstream(part) << (seconds < 0 ? "" : "+") << seconds << "\n";
  std::filesystem::rename(part, file);
}

std::vector<Link> World::links() {
  std::vector<Link> all;
  for (auto& [process, proxy] : to_redis_) all.push_back({process + " to Redis", {&proxy}});
  for (auto& [process, proxy] : to_service_) all.push_back({"clients to " + process, {&proxy}});
  return all;
}

std::vector<Link> World::links_to_broker() {
  std::vector<Link> all{{"all processes to the broker", {}}};
  for (auto& [process, proxy] : to_broker_) {
    all.push_back({process + " to the broker", {&proxy}});
    all.front().proxies.push_back(&proxy);
  }
  return all;
}

void World::fill_disk(const std::string& part) {
  // Whoever writes to it does so between the look and the change too.
  for (int attempt = 0; attempt < kAttemptsToFill; attempt++) {
    if (resize_disk(disk(part), size_of_what_is_in(disk(part)))) return;
  }
  throw std::runtime_error("the file system at " + disk(part).string() + " grows too fast to be made full");
}

void World::empty_disk(const std::string& part) {
  if (!resize_disk(disk(part), kDiskSize)) throw std::runtime_error(disk(part).string() + " stays full");
}

std::string World::process_not_well(const std::string& process, uint32_t& partitions_read) {
  const auto status = tandem_->status(process);
  if (!status.ok()) return process + ": " + to_line(status.error());
  partitions_read += status->partitions_read();
  if (status->shards_unreconciled() > 0) {
    return process + ": " + std::to_string(status->shards_unreconciled()) + " shards do not serve";
  }
  if (status->stopped_size() > 0) return process + " has stopped reading: " + status->stopped(0);
  if (status->troubles_size() > 0) return process + ": " + status->troubles(0);
  return status->ready() ? "" : process + " is not ready";
}

std::string World::not_well() {
  std::string all;
  std::map<std::string, uint32_t> partitions;
  for (const std::string& process : processes_) {
    const std::string one = process_not_well(process, partitions[service_of(process)]);
    if (!one.empty()) all += (all.empty() ? "" : "; ") + one;
  }
  if (!all.empty()) return all;
  for (const auto& [service, read] : partitions) {
    const uint32_t due = tandem_->partitions_of(service);
    if (read == due) continue;
    all += (all.empty() ? "" : "; ") + service + " reads " + std::to_string(read) + " of " + std::to_string(due) +
           " partitions";
  }
  return all;
}

}  // namespace tandem::chaos
