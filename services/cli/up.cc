#include "services/cli/up.h"

#include <algorithm>

#include "services/cli/installation.h"
#include "services/cli/processes.h"
#include "services/cli/start.h"
#include "shared/base/text.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::cli {
namespace {

constexpr std::chrono::seconds kStopPatience{10};
constexpr uint32_t kMostOfAKind = 32;

// Of this kind: the first, and those that have been started.
void add_parts(std::vector<std::string>& parts, const std::filesystem::path& folder, const std::string& kind) {
  parts.push_back(kind);
  for (uint32_t i = 2; i <= kMostOfAKind; ++i) {
    if (std::filesystem::exists(pid_file(folder, part_name(kind, i)))) parts.push_back(part_name(kind, i));
  }
}

// Stopped in this order, started in the opposite one.
std::vector<std::string> all_parts(const std::filesystem::path& folder) {
  std::vector<std::string> parts;
  for (const std::string& service : kServices) add_parts(parts, folder, service);
  parts.push_back("broker");
  add_parts(parts, folder, "redis");
  return parts;
}

uint32_t redis_count(const Endpoints& there) { return static_cast<uint32_t>(split(there.redis, ',').size()); }

// What everything else stands on: without it nothing can be saved.
bool foundation_stands(const std::filesystem::path& folder, const Endpoints& there) {
  for (uint32_t i = 1; i <= redis_count(there); ++i) {
    if (!read_pid_file(pid_file(folder, part_name("redis", i)))) return false;
  }
  return !there.own_broker || read_pid_file(pid_file(folder, "broker"));
}

bool is_well(const std::filesystem::path& folder, const std::string& service, const std::string& address) {
  if (!read_pid_file(pid_file(folder, service))) return false;
  rpc::Client client(address);
  rpc::CallOptions call;
  call.deadline = std::chrono::seconds(5);
  const auto status =
      client.call<runtime::v1::ServiceStatus>(std::string(kAdmin) + "GetStatus", runtime::v1::GetStatus(), call);
  return status.ok() && status->ready();
}

std::vector<std::string> processes_of(uint32_t replicas) {
  std::vector<std::string> names;
  for (uint32_t i = 1; i <= replicas; ++i) {
    for (const std::string& service : kServices) names.push_back(part_name(service, i));
  }
  return names;
}

// Those that are not well, and those that are to be started anew though they are.
std::vector<std::string> services_to_start(const UpOptions& options, const Endpoints& there,
                                           const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const std::string& name : wanted) {
    const auto found = there.services.find(name);
    const bool asked = !options.restart.empty() && name.substr(0, name.find('.')) == options.restart;
    if (asked || found == there.services.end() || !is_well(options.folder, name, found->second.grpc)) {
      names.push_back(name);
    }
  }
  return names;
}

Status same_as(const UpOptions& options, const Endpoints& there) {
  const bool same_bus = options.bus.empty() || options.bus == there.bus;
  const bool same_kafka = options.kafka.empty() || options.kafka == there.kafka;
  const bool same_shards = options.shards == 0 || options.shards == there.shards;
  const bool same_redis = options.redis == 0 || options.redis == redis_count(there);
  if (same_bus && same_kafka && same_shards && same_redis) return {};
  return make_error(Code::kFailedPrecondition, options.folder.string(),
                    "is up with bus " + there.bus + (there.bus == "kafka" ? " at " + there.kafka : "") + " and " +
                        std::to_string(there.shards) + " shards on " + std::to_string(redis_count(there)) + " Redis",
                    "run tandem down first, or use another --folder");
}

// With the lock held.
Result<std::vector<std::string>> stop_all(const std::filesystem::path& folder,
                                          const std::function<void(const std::string&)>& say) {
  std::vector<std::string> stopped;
  std::error_code ignored;  // gone already
  std::filesystem::remove(folder / "endpoints.json", ignored);
  for (const std::string& part : all_parts(folder)) {
    if (const auto process = read_pid_file(pid_file(folder, part))) {
      TANDEM_RETURN_IF_ERROR(stop_process(*process, kStopPatience));
      say("stopped " + part);
      stopped.push_back(part);
    }
    std::filesystem::remove(pid_file(folder, part), ignored);
    std::filesystem::remove(ready_file(folder, part), ignored);
  }
  return stopped;
}

Status stop_services(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto process = read_pid_file(pid_file(folder, name));
    if (process) TANDEM_RETURN_IF_ERROR(stop_process(*process, kStopPatience));
    std::error_code ignored;  // gone already
    std::filesystem::remove(pid_file(folder, name), ignored);
    std::filesystem::remove(ready_file(folder, name), ignored);
  }
  return {};
}

Status start_again(const UpOptions& options, const Installation& installation, const std::vector<std::string>& names,
                   Endpoints there) {
  TANDEM_RETURN_IF_ERROR(stop_services(options.folder, names));
  Status started = Start(options, installation).services(names, std::move(there));
  if (started.ok()) return started;
  // endpoints.json is written when all are ready: nobody would know of those that are.
  Error why = std::move(started).error();
  if (auto stopped = stop_services(options.folder, names); !stopped.ok()) append(why, stopped.error());
  return why;
}

// Replicas that are not wanted any more: by their pid files, since those of an up that was killed stand nowhere else.
// True if there were any.
Result<bool> stop_surplus(const UpOptions& options, Endpoints& there, const std::vector<std::string>& wanted) {
  const auto is_surplus = [&](const std::string& name) {
    return std::find(wanted.begin(), wanted.end(), name) == wanted.end();
  };
  const bool named = std::erase_if(there.services, [&](const auto& service) { return is_surplus(service.first); }) > 0;
  std::vector<std::string> parts;
  for (const std::string& service : kServices) add_parts(parts, options.folder, service);
  std::erase_if(parts, [&](const std::string& name) { return !is_surplus(name); });
  TANDEM_RETURN_IF_ERROR(stop_services(options.folder, parts));
  for (const std::string& name : parts) options.say("stopped " + name);
  return named || !parts.empty();
}

// Redis and the bus are there, with all data: only services are started or stopped, and nothing is lost.
Result<UpOutcome> repair(const UpOptions& options, Endpoints there) {
  TANDEM_RETURN_IF_ERROR(same_as(options, there));
  TANDEM_ASSIGN_OR_RETURN(Installation installation, saved_installation(options.folder));
  const uint32_t before = installation.replicas;
  if (options.replicas != 0) installation.replicas = options.replicas;
  const auto wanted = processes_of(installation.replicas);
  const auto to_start = services_to_start(options, there, wanted);
  TANDEM_ASSIGN_OR_RETURN(const bool surplus, stop_surplus(options, there, wanted));
  if (to_start.empty() && !surplus) return UpOutcome::kAlreadyUp;
  if (!options.restart.empty()) {
    options.say("starting again: " + join(to_start, ", ") + "; nothing is lost");
  } else if (installation.replicas == before && !to_start.empty()) {
    options.say("half up: " + join(to_start, ", ") + " is not well and is started again; nothing is lost");
  }
  TANDEM_RETURN_IF_ERROR(start_again(options, installation, to_start, std::move(there)));
  TANDEM_RETURN_IF_ERROR(save_installation(options.folder, installation));
  return UpOutcome::kStarted;
}

std::string what_begins(const Installation& installation) {
  if (installation.bus == "embedded") return "embedded bus: bus and Redis are one disposable thing and begin anew";
  const std::string where = installation.runs_broker() ? "a Kafka of its own" : "the Kafka at " + installation.kafka;
  return "installation " + installation.id + " on " + where +
         (installation.begins_anew ? ": new" : ": goes on with what is there");
}

bool anything_alive(const std::filesystem::path& folder) {
  const auto parts = parts_of(folder);
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.alive; });
}

}  // namespace

std::string part_name(const std::string& kind, uint32_t number) {
  return number == 1 ? kind : kind + "." + std::to_string(number);
}

std::vector<Part> parts_of(const std::filesystem::path& folder) {
  std::vector<Part> parts;
  for (const std::string& name : all_parts(folder)) {
    parts.push_back({name, read_pid_file(pid_file(folder, name)).has_value()});
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

Result<UpOutcome> bring_up(const UpOptions& given) {
  UpOptions options = given;
  options.folder = std::filesystem::absolute(given.folder);
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  TANDEM_ASSIGN_OR_RETURN(const auto lock, FolderLock::take(options.folder));
  if (anything_alive(options.folder)) {
    const auto there = read_endpoints(options.folder);
    if (there.ok() && foundation_stands(options.folder, *there)) return repair(options, *there);
    options.say(std::string("half up: ") +
                (there.ok() ? "Redis or the bus has ended" : "it was not started to its end") +
                "; the rest is stopped first");
    TANDEM_RETURN_IF_ERROR(stop_all(options.folder, options.say));
  }
  TANDEM_ASSIGN_OR_RETURN(Installation installation, open_installation(options));
  options.say(what_begins(installation));
  if (auto status = Start(options, std::move(installation)).everything(); !status.ok()) {
    Error why = std::move(status).error();
    if (auto stopped = stop_all(options.folder, options.say); !stopped.ok()) append(why, stopped.error());
    return why;
  }
  return UpOutcome::kStarted;
}

Result<std::vector<std::string>> bring_down(const std::filesystem::path& folder,
                                            const std::function<void(const std::string&)>& say) {
  if (!std::filesystem::exists(folder)) return std::vector<std::string>();
  TANDEM_ASSIGN_OR_RETURN(const auto lock, FolderLock::take(folder));
  return stop_all(folder, say);
}

}  // namespace tandem::cli
