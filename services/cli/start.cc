#include "services/cli/start.h"

#include <hiredis/hiredis.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "services/cli/kafka_node.h"
#include "shared/base/free_port.h"
#include "shared/runtime/logging.h"
#include "shared/store/redis_settings.h"

namespace tandem::cli {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kKafkaPatience{900};  // its jars may have to be brought first
constexpr int kSessionMillis = 3000;    // a replica that was killed is missed so soon
constexpr milliseconds kPoll{20};
constexpr size_t kLogLines = 12;
constexpr size_t kHealingLines = 200;  // one of them tells it, among complaints of the client of Kafka

// That it is ours that answers: another one may have taken the port.
bool redis_answers(uint16_t port, pid_t pid) {
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
json ready_content(const std::filesystem::path& folder, const std::string& part) {
  std::ifstream in(ready_file(folder, part));
  return in ? json::parse(in, nullptr, /*allow_exceptions=*/false) : json();
}

// How far a service that starts says it has healed its shards, in its log; empty if it does not say. It gives up by
// itself where that does not get on.
std::string healing_so_far(const std::filesystem::path& log) {
  const auto lines = last_lines(log, kHealingLines);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto entry = json::parse(*line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || entry.value("message", "") != runtime::kHealingMoves) continue;
    return "its shards are healed from the log, for " + entry.value("seconds", "0") +
           " s: " + entry.value("records", "0") + " records read, " + entry.value("events", "0") +
           " events brought back, " + entry.value("shards_elsewhere", "0") + " shards in the hands of other replicas";
  }
  return "";
}

std::string named(const std::string& part, const std::string& address) {
  return part + std::string(part.size() < 12 ? 12 - part.size() : 1, ' ') + address;
}

}  // namespace

Start::Start(const UpOptions& options, Installation installation)
    : options_(options),
      programs_(options.programs.empty() ? own_folder() : options.programs),
      installation_(std::move(installation)) {
  endpoints_.installation = installation_.id;
  endpoints_.bus = installation_.bus;
  endpoints_.own_broker = installation_.runs_broker();
  if (!endpoints_.own_broker) endpoints_.kafka = installation_.kafka;
  endpoints_.shards = installation_.shards;
}

Status Start::everything() {
  if (installation_.begins_anew) {
    TANDEM_RETURN_IF_ERROR(empty_folder(kafka_data(options_.folder)));
    for (uint32_t i = 1; i <= installation_.redis; ++i) {
      TANDEM_RETURN_IF_ERROR(empty_folder(redis_data(options_.folder, part_name("redis", i))));
    }
  }
  for (uint32_t i = 1; i <= installation_.redis; ++i) TANDEM_RETURN_IF_ERROR(start_redis(part_name("redis", i)));
  if (installation_.bus == "embedded") {
    TANDEM_RETURN_IF_ERROR(start_embedded_broker());
  } else if (installation_.runs_broker()) {
    TANDEM_RETURN_IF_ERROR(start_kafka());
  }
  std::vector<std::string> names;
  for (uint32_t i = 1; i <= installation_.replicas; ++i) {
    for (const std::string& service : kServices) names.push_back(part_name(service, i));
  }
  TANDEM_RETURN_IF_ERROR(services(names, endpoints_));
  return save_installation(options_.folder, installation_);
}

Status Start::services(const std::vector<std::string>& names, Endpoints there) {
  endpoints_ = std::move(there);
  for (const std::string& name : names) TANDEM_RETURN_IF_ERROR(launch_service(name));
  for (const std::string& name : names) TANDEM_RETURN_IF_ERROR(await_service(name));
  return write_endpoints(options_.folder, endpoints_);
}

Status Start::launch(const std::string& part, std::string program, std::vector<std::string> arguments,
                     std::map<std::string, std::string> environment) {
  std::error_code ignored;  // it need not be there
  std::filesystem::remove(ready_file(options_.folder, part), ignored);
  TANDEM_ASSIGN_OR_RETURN(processes_[part],
                          start_process({std::move(program), std::move(arguments), std::move(environment),
                                         log_file(options_.folder, part), pid_file(options_.folder, part)}));
  return {};
}

// Until `ready`; an error, with the end of the log said, if the process ends before or it takes too long. It has its
// time anew where `progress` says something else than the last time.
Status Start::await(const std::string& part, const std::function<bool()>& ready, seconds patience,
                    const std::function<std::string()>& progress) {
  auto end = steady_clock::now() + patience;
  std::string heard;
  while (!ready()) {
    if (options_.cancelled()) return make_error(Code::kCancelled, "interrupted: what was started is not left running");
    const bool alive = is_alive(processes_[part]);
    if (!alive) return failed(part, "has ended");
    if (steady_clock::now() >= end) {
      const std::string said = progress();
      if (said == heard) return failed(part, "is not ready after " + std::to_string(patience.count()) + " s");
      options_.say(part + " takes longer, and gets on: " + said);
      heard = said;
      end = steady_clock::now() + patience;
    }
    std::this_thread::sleep_for(kPoll);
  }
  return {};
}

Error Start::failed(const std::string& part, const std::string& how) {
  const auto log = log_file(options_.folder, part);
  options_.say("The last lines of " + log.string() + ":");
  for (const std::string& line : last_lines(log, kLogLines)) options_.say("  " + line);
  return make_error(Code::kUnavailable, part, how + " while it was being started",
                    "read " + log.string() + ", mend what it says, and run tandem up again");
}

void Start::pass_on(const std::string& part, const std::string& prefix) {
  const auto lines = last_lines(log_file(options_.folder, part), 1);
  if (lines.empty() || !lines[0].starts_with(prefix) || lines[0] == passed_on_) return;
  passed_on_ = lines[0];
  options_.say(passed_on_);
}

Status Start::empty_folder(const std::filesystem::path& data) {
  std::error_code error;
  std::filesystem::remove_all(data, error);
  if (!error) return {};
  return make_error(Code::kUnavailable, data.string(), "cannot be emptied: " + error.message(),
                    "check the folder's permissions");
}

Status Start::start_redis(const std::string& part) {
  const auto data = redis_data(options_.folder, part);
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error) return make_error(Code::kUnavailable, data.string(), "cannot be made: " + error.message(), "");
  TANDEM_ASSIGN_OR_RETURN(const uint16_t port, free_port());
  const auto arguments = store::redis_server_arguments("127.0.0.1", port, data.string());
  TANDEM_RETURN_IF_ERROR(launch(part, "redis-server", arguments, {}));
  TANDEM_RETURN_IF_ERROR(await(part, [&] { return redis_answers(port, processes_[part].pid); }, options_.patience));
  const std::string address = "127.0.0.1:" + std::to_string(port);
  endpoints_.redis += (endpoints_.redis.empty() ? "" : ",") + address;
  options_.say(named(part, address));
  return {};
}

Status Start::start_embedded_broker() {
  TANDEM_RETURN_IF_ERROR(launch("broker", (programs_ / "tandem-broker").string(),
                                {"--partitions", std::to_string(installation_.shards), "--ready-file",
                                 ready_file(options_.folder, "broker").string()},
                                {}));
  json content;
  TANDEM_RETURN_IF_ERROR(await(
      "broker", [&] { return (content = ready_content(options_.folder, "broker")).is_object(); }, options_.patience));
  endpoints_.kafka = content.value("bootstrap_servers", "");
  options_.say(named("broker", endpoints_.kafka) + "   (embedded: keeps 5 MB a partition, and nothing after it ends)");
  return {};
}

Status Start::start_kafka() {
  TANDEM_ASSIGN_OR_RETURN(const KafkaNode node, prepare_kafka_node(options_.folder));
  TANDEM_ASSIGN_OR_RETURN(BrokerProbe probe, BrokerProbe::make(node.bootstrap_servers));
  TANDEM_RETURN_IF_ERROR(launch("broker", node.program, node.arguments, {}));
  auto ready = [&] {
    pass_on("broker", "kafka: ");
    return probe.answers();
  };
  TANDEM_RETURN_IF_ERROR(await("broker", ready, kKafkaPatience));
  endpoints_.kafka = node.bootstrap_servers;
  options_.say(named("broker", endpoints_.kafka) + "   (Kafka, one node; its data are in " +
               kafka_data(options_.folder).string() + ")");
  return {};
}

Status Start::launch_service(const std::string& name) {
  std::map<std::string, std::string> settings{
      {"TANDEM_INSTALLATION", installation_.id},
      {"TANDEM_LISTEN", "127.0.0.1:0"},
      {"TANDEM_ADMIN", "127.0.0.1:0"},
      {"TANDEM_SHARDS", std::to_string(installation_.shards)},
      {"TANDEM_REDIS", endpoints_.redis},
      {"TANDEM_KAFKA", endpoints_.kafka},
      {"TANDEM_BUS", installation_.bus},
      {"TANDEM_AUTH", "none"},
      {"TANDEM_IDENTITY_KEY", installation_.identity_key},
      {"TANDEM_READY_FILE", ready_file(options_.folder, name).string()},
  };
  // Our own Kafka allows short sessions; of others it is not known, and the embedded broker needs more than 3 s.
  if (endpoints_.own_broker && installation_.bus == "kafka")
    settings["TANDEM_SESSION_MS"] = std::to_string(kSessionMillis);
  return launch(name, (programs_ / ("tandem-" + name.substr(0, name.find('.')))).string(), {}, settings);
}

Status Start::await_service(const std::string& name) {
  json content;
  TANDEM_RETURN_IF_ERROR(await(
      name, [&] { return (content = ready_content(options_.folder, name)).is_object(); }, options_.patience,
      [&] { return healing_so_far(log_file(options_.folder, name)); }));
  endpoints_.services[name] = {content.value("grpc", ""), content.value("admin", "")};
  options_.say(named(name, content.value("grpc", "")));
  return {};
}

}  // namespace tandem::cli
