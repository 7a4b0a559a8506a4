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

// Stopped in this order, started in the opposite one.
std::vector<std::string> all_parts() {
  std::vector<std::string> parts = kServices;
  parts.push_back("broker");
  parts.push_back("redis");
  return parts;
}

// What everything else stands on: without it nothing can be saved.
bool foundation_stands(const std::filesystem::path& folder, const Endpoints& there) {
  return read_pid_file(pid_file(folder, "redis")) && (!there.own_broker || read_pid_file(pid_file(folder, "broker")));
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

std::vector<std::string> unwell_services(const std::filesystem::path& folder, const Endpoints& there) {
  std::vector<std::string> unwell;
  for (const std::string& service : kServices) {
    const auto found = there.services.find(service);
    if (found == there.services.end() || !is_well(folder, service, found->second.grpc)) unwell.push_back(service);
  }
  return unwell;
}

Status same_as(const UpOptions& options, const Endpoints& there) {
  const bool same_bus = options.bus.empty() || options.bus == there.bus;
  const bool same_kafka = options.kafka.empty() || options.kafka == there.kafka;
  const bool same_shards = options.shards == 0 || options.shards == there.shards;
  if (same_bus && same_kafka && same_shards) return {};
  return make_error(Code::kFailedPrecondition, options.folder.string(),
                    "is up with bus " + there.bus + (there.bus == "kafka" ? " at " + there.kafka : "") + " and " +
                        std::to_string(there.shards) + " shards",
                    "run tandem down first, or use another --folder");
}

// With the lock held.
Result<std::vector<std::string>> stop_all(const std::filesystem::path& folder,
                                          const std::function<void(const std::string&)>& say) {
  std::vector<std::string> stopped;
  std::error_code ignored;  // gone already
  std::filesystem::remove(folder / "endpoints.json", ignored);
  for (const std::string& part : all_parts()) {
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

Status start_again(const UpOptions& options, const std::string& service) {
  TANDEM_ASSIGN_OR_RETURN(Endpoints there, read_endpoints(options.folder));
  TANDEM_ASSIGN_OR_RETURN(const std::string key, read_identity_key(options.folder));
  if (const auto process = read_pid_file(pid_file(options.folder, service))) {
    TANDEM_RETURN_IF_ERROR(stop_process(*process, kStopPatience));
  }
  Installation installation;
  installation.id = there.installation;
  installation.bus = there.bus;
  installation.kafka = there.own_broker ? "" : there.kafka;
  installation.shards = there.shards;
  installation.identity_key = key;
  return Start(options, installation).one_service(service, std::move(there));
}

// Redis and the bus are there, with all data: only services are started again, and nothing is lost.
Result<UpOutcome> repair(const UpOptions& options, const Endpoints& there) {
  TANDEM_RETURN_IF_ERROR(same_as(options, there));
  const auto unwell = unwell_services(options.folder, there);
  if (unwell.empty()) return UpOutcome::kAlreadyUp;
  options.say("half up: " + join(unwell, ", ") + " is not well and is started again; nothing is lost");
  for (const std::string& service : unwell) TANDEM_RETURN_IF_ERROR(start_again(options, service));
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

std::vector<Part> parts_of(const std::filesystem::path& folder) {
  std::vector<Part> parts;
  for (const std::string& name : all_parts()) {
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

Status restart_service(const UpOptions& given, const std::string& service) {
  UpOptions options = given;
  options.folder = std::filesystem::absolute(given.folder);
  TANDEM_ASSIGN_OR_RETURN(const auto lock, FolderLock::take(options.folder));
  return start_again(options, service);
}

}  // namespace tandem::cli
