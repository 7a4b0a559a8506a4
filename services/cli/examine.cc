// What `tandem doctor` looks at.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "services/cli/doctor.h"
#include "services/cli/kafka_node.h"
#include "services/cli/processes.h"
#include "services/cli/up.h"
#include "shared/base/text.h"
#include "shared/bus/envelope.h"
#include "shared/bus/topics.h"

namespace tandem::cli {
namespace {

constexpr size_t kLinesOfALog = 50;
constexpr std::chrono::seconds kBusPatience{3};

// Of a service's log of JSON lines: the last that is an error, in words.
std::string last_error(const std::filesystem::path& log) {
  std::string found;
  for (const std::string& line : last_lines(log, kLinesOfALog)) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object()) {
      if (!trim(line).empty()) found = line;  // the line by which a program complains before it ends
    } else if (entry.value("level", "") == "error") {
      found = entry.value("error", line);
    }
  }
  return found;
}

Result<std::vector<store::RedisEndpoint>> redis_of(const Endpoints& where) {
  std::vector<store::RedisEndpoint> all;
  for (const std::string& address : split(where.redis, ',')) {
    const size_t colon = address.rfind(':');
    const auto port = colon == std::string::npos ? std::nullopt : parse_integer(address.substr(colon + 1));
    if (address.empty()) continue;
    if (!port || *port < 1 || *port > 65535) return invalid("redis", "has no port in " + address, "run tandem up");
    all.push_back({address.substr(0, colon), static_cast<uint16_t>(*port)});
  }
  return all;
}

Status look_at_redis(Session& session, const Endpoints& where, Checkup& checkup) {
  store::RedisTopology topology;
  TANDEM_ASSIGN_OR_RETURN(topology.endpoints, redis_of(where));
  if (topology.endpoints.empty()) return {};
  store::RedisTimeouts timeouts;
  timeouts.command = timeouts.greeting;  // it is only asked how it is
  store::RedisHealthProbe probe(topology, timeouts);
  uint32_t number = 0;
  for (store::RedisHealth& health : probe.check()) {
    Checkup::Redis& redis = checkup.redis.emplace_back();
    const auto lines = last_lines(log_file(session.folder, part_name("redis", ++number)), 1);
    if (!health.reachable && !lines.empty()) redis.last_words = lines.back();
    redis.health = std::move(health);
  }
  return {};
}

Status look_at_bus(Session& session, const Endpoints& where, Checkup::Bus& bus) {
  bus.address = where.kafka;
  bus.embedded = where.bus == "embedded";
  if (where.own_broker && !bus.embedded) bus.configs_tool = kafka_program(session.folder).string() + " tool configs";
  TANDEM_ASSIGN_OR_RETURN(bus::KafkaOptions options, session.kafka_options());
  bus::KafkaLog log(std::move(options));
  TANDEM_ASSIGN_OR_RETURN(const auto admin, log.make_admin());
  for (const std::string& service : kServices) {
    for (const std::string& topic : {bus::events_topic(service), bus::dead_letters_topic(service)}) {
      const Status checked = bus::check_topic(*admin, topic, where.shards, kBusPatience);
      if (checked.ok()) continue;
      if (checked.code() == Code::kFailedPrecondition || checked.code() == Code::kNotFound) {
        bus.topics.push_back(checked.error());
      } else {
        bus.no_answer = checked.error();
        return {};
      }
    }
  }
  return {};
}

void look_at_disk(const std::filesystem::path& folder, std::optional<Checkup::Disk>& disk) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (!error) disk = Checkup::Disk{folder.string(), space.available, space.capacity};
}

}  // namespace

Result<Checkup> examine(Session& session) {
  TANDEM_ASSIGN_OR_RETURN(const Endpoints* where, session.endpoints());
  Checkup checkup;
  checkup.installation = where->installation;
  TANDEM_RETURN_IF_ERROR(look_at_redis(session, *where, checkup));
  TANDEM_RETURN_IF_ERROR(look_at_bus(session, *where, checkup.bus));
  TANDEM_ASSIGN_OR_RETURN(checkup.services, survey(session));
  for (const ServiceReport& report : checkup.services) {
    if (report.status) continue;
    const std::string words = last_error(log_file(session.folder, report.name));
    if (!words.empty()) checkup.last_words[report.name] = words;
  }
  look_at_disk(session.folder, checkup.disk);
  return checkup;
}

}  // namespace tandem::cli
