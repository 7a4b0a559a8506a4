#include "services/cli/up.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "services/cli/installation.h"
#include "services/cli/processes.h"
#include "shared/base/text.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::cli {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kStartPatience{90};
constexpr std::chrono::seconds kStopPatience{10};
constexpr milliseconds kPoll{20};
constexpr size_t kLogLines = 12;

// Stopped in this order, started in the opposite one.
std::vector<std::string> all_parts() {
  std::vector<std::string> parts = kServices;
  parts.push_back("broker");
  parts.push_back("redis");
  return parts;
}

// One attempt to bring everything up.
class Start {
 public:
  Start(const UpOptions& options, Installation installation)
      : options_(options),
        programs_(options.programs.empty() ? own_folder() : options.programs),
        installation_(std::move(installation)) {
    endpoints_.installation = installation_.id;
    endpoints_.bus = installation_.bus;
    endpoints_.kafka = options.kafka;
    endpoints_.shards = installation_.shards;
  }

  Status everything() {
    TANDEM_RETURN_IF_ERROR(start_redis());
    if (installation_.bus == "embedded") TANDEM_RETURN_IF_ERROR(start_broker());
    for (const std::string& service : kServices) TANDEM_RETURN_IF_ERROR(launch_service(service));
    for (const std::string& service : kServices) TANDEM_RETURN_IF_ERROR(await_service(service));
    return write_endpoints(options_.folder, endpoints_);
  }

  Status one_service(const std::string& service, Endpoints there) {
    endpoints_ = std::move(there);
    TANDEM_RETURN_IF_ERROR(launch_service(service));
    TANDEM_RETURN_IF_ERROR(await_service(service));
    return write_endpoints(options_.folder, endpoints_);
  }

 private:
  Status launch(const std::string& part, std::string program, std::vector<std::string> arguments,
                std::map<std::string, std::string> environment) {
    std::error_code ignored;  // it need not be there
    std::filesystem::remove(ready_file(options_.folder, part), ignored);
    TANDEM_ASSIGN_OR_RETURN(processes_[part],
                            start_process({std::move(program), std::move(arguments), std::move(environment),
                                           log_file(options_.folder, part), pid_file(options_.folder, part)}));
    return {};
  }

  // Until `ready`; an error, with the end of the log said, if the process ends before or it takes too long.
  Status await(const std::string& part, const std::function<bool()>& ready) {
    const auto end = steady_clock::now() + kStartPatience;
    while (!ready()) {
      if (options_.cancelled()) return make_error(Code::kCancelled, "interrupted: nothing is left running");
      const bool alive = is_alive(processes_[part]);
      if (!alive || steady_clock::now() >= end) return failed(part, alive ? "is not ready after 90 s" : "has ended");
      std::this_thread::sleep_for(kPoll);
    }
    return {};
  }

  Error failed(const std::string& part, const std::string& how) {
    const auto log = log_file(options_.folder, part);
    options_.say("The last lines of " + log.string() + ":");
    for (const std::string& line : last_lines(log, kLogLines)) options_.say("  " + line);
    return make_error(Code::kUnavailable, part, how + " while it was being started",
                      "read " + log.string() + ", mend what it says, and run tandem up again");
  }

  Status start_redis() {
    const auto data = redis_data(options_.folder);
    std::error_code error;
    // The disposable pair: without the bus that had its events, Redis' content is worth nothing.
    if (installation_.bus == "embedded") std::filesystem::remove_all(data, error);
    if (!error) std::filesystem::create_directories(data, error);
    if (error) return make_error(Code::kUnavailable, data.string(), "cannot be made anew: " + error.message(), "");
    TANDEM_ASSIGN_OR_RETURN(const uint16_t port, free_port());
    const std::vector<std::string> arguments = {"--port",
                                                std::to_string(port),
                                                "--bind",
                                                "127.0.0.1",
                                                "--dir",
                                                data.string(),
                                                "--appendonly",
                                                "yes",
                                                "--appendfsync",
                                                "always",
                                                "--save",
                                                "",
                                                "--daemonize",
                                                "no",
                                                "--aof-load-truncated",
                                                "yes",
                                                "--maxmemory-policy",
                                                "noeviction"};
    TANDEM_RETURN_IF_ERROR(launch("redis", "redis-server", arguments, {}));
    TANDEM_RETURN_IF_ERROR(await("redis", [&] { return redis_answers(port, processes_["redis"].pid); }));
    endpoints_.redis = "127.0.0.1:" + std::to_string(port);
    options_.say("redis       " + endpoints_.redis);
    return {};
  }

  // That it is ours that answers: another one may have taken the port.
  static bool redis_answers(uint16_t port, pid_t pid) {
    redisContext* context = redisConnectWithTimeout("127.0.0.1", port, {.tv_sec = 1, .tv_usec = 0});
    bool ready = false;
    if (context && !context->err) {
      if (auto* reply = static_cast<redisReply*>(redisCommand(context, "INFO"))) {
        const std::string info = reply->type == REDIS_REPLY_STRING ? std::string(reply->str, reply->len) : "";
        ready = info.find("process_id:" + std::to_string(pid) + "\r") != std::string::npos &&
                info.find("\nloading:0") != std::string::npos;
        freeReplyObject(reply);
      }
    }
    if (context) redisFree(context);
    return ready;
  }

  // The ready file's content, once it is there.
  json ready_content(const std::string& part) {
    std::ifstream in(ready_file(options_.folder, part));
    return in ? json::parse(in, nullptr, /*allow_exceptions=*/false) : json();
  }

  Status start_broker() {
    TANDEM_RETURN_IF_ERROR(launch("broker", (programs_ / "tandem-broker").string(),
                                  {"--partitions", std::to_string(installation_.shards), "--ready-file",
                                   ready_file(options_.folder, "broker").string()},
                                  {}));
    json content;
    TANDEM_RETURN_IF_ERROR(await("broker", [&] { return (content = ready_content("broker")).is_object(); }));
    endpoints_.kafka = content.value("bootstrap_servers", "");
    options_.say("broker      " + endpoints_.kafka +
                 "   (embedded: keeps 5 MB a partition, and nothing after it ends)");
    return {};
  }

  Status launch_service(const std::string& service) {
    return launch(service, (programs_ / ("tandem-" + service)).string(), {},
                  {{"TANDEM_INSTALLATION", installation_.id},
                   {"TANDEM_LISTEN", "127.0.0.1:0"},
                   {"TANDEM_ADMIN", "127.0.0.1:0"},
                   {"TANDEM_SHARDS", std::to_string(installation_.shards)},
                   {"TANDEM_REDIS", endpoints_.redis},
                   {"TANDEM_KAFKA", endpoints_.kafka},
                   {"TANDEM_BUS", installation_.bus},
                   {"TANDEM_AUTH", "none"},
                   {"TANDEM_IDENTITY_KEY", installation_.identity_key},
                   {"TANDEM_READY_FILE", ready_file(options_.folder, service).string()}});
  }

  Status await_service(const std::string& service) {
    json content;
    TANDEM_RETURN_IF_ERROR(await(service, [&] { return (content = ready_content(service)).is_object(); }));
    endpoints_.services[service] = {content.value("grpc", ""), content.value("admin", "")};
    options_.say(service + std::string(12 - service.size(), ' ') + content.value("grpc", ""));
    return {};
  }

  const UpOptions& options_;
  const std::filesystem::path programs_;
  const Installation installation_;
  Endpoints endpoints_;
  std::map<std::string, ProcessId> processes_;
};

// What everything else stands on: without it nothing can be saved.
bool foundation_stands(const std::filesystem::path& folder, const Endpoints& there) {
  return read_pid_file(pid_file(folder, "redis")) &&
         (there.bus != "embedded" || read_pid_file(pid_file(folder, "broker")));
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
  const bool same_bus = options.bus == there.bus && (options.bus == "embedded" || options.kafka == there.kafka);
  if (same_bus && options.shards == there.shards) return {};
  return make_error(Code::kFailedPrecondition, options.folder.string(),
                    "is up with bus " + there.bus + " and " + std::to_string(there.shards) + " shards",
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
  const Installation installation{there.installation, there.bus, there.shards, key};
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
  if (options.bus == "embedded") options.say("embedded bus: bus and Redis are one disposable thing and begin anew");
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
