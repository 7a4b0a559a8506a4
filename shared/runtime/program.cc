#include "shared/runtime/program.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/ids.h"
#include "shared/base/ports.h"
#include "shared/base/teeth_by_name.h"
#include "shared/base/text.h"
#include "shared/bus/kafka_log.h"
#include "shared/runtime/admin_http.h"
#include "shared/runtime/config.h"
#include "shared/runtime/logging.h"
#include "shared/runtime/rebuild_program.h"
#include "shared/runtime/service.h"
#include "shared/store/health.h"
#include "shared/store/redis_healing.h"
#include "shared/store/redis_outbox.h"
#include "shared/store/redis_store.h"

namespace tandem::runtime {
namespace {

std::atomic<bool> serving{false};
std::atomic<bool> stopping{false};

// While it starts it waits for others, for half a minute and longer, and has nothing yet that would have to be brought
// to an end: it goes at once, which every start allows for, since any may be killed.
void on_signal(int) {
  if (!serving) _exit(0);
  stopping = true;
}

struct Arguments {
  std::string config;
  bool print_config = false;
  bool help = false;
  bool rebuild = false;
  bool verify = false;
};

Result<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i++) {
    const std::string_view argument = argv[i];
    if (argument == "--help") {
      arguments.help = true;
    } else if (argument == "--print-config") {
      arguments.print_config = true;
    } else if (argument == "--rebuild") {
      arguments.rebuild = true;
    } else if (argument == "--verify") {
      arguments.verify = true;
    } else if (argument == "--config" && i + 1 < argc) {
      arguments.config = argv[++i];
    } else {
      return invalid(std::string(argument), "is not understood",
                     "use --config FILE, --print-config, --rebuild or --help");
    }
  }
  if (arguments.verify && !arguments.rebuild) {
    return invalid("--verify", "belongs to --rebuild", "use --rebuild --verify");
  }
  return arguments;
}

Result<store::RedisOptions> redis_options(const Config& config, const std::string& service) {
  store::RedisOptions options;
  options.identity = {config.installation, service, config.shards};
  options.topology.endpoints.clear();
  for (const std::string& endpoint : config.redis) {
    const size_t colon = endpoint.rfind(':');
    const auto port = parse_integer(endpoint.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return invalid("redis", "has no port in " + endpoint, "write host:port");
    store::RedisEndpoint to;
    to.host = endpoint.substr(0, colon);
    to.port = static_cast<uint16_t>(*port);
    options.topology.endpoints.push_back(std::move(to));
  }
  return options;
}

bus::KafkaOptions kafka_options(const Config& config, const std::string& service) {
  bus::KafkaOptions options;
  options.bootstrap_servers = config.kafka;
  options.embedded = config.bus == "embedded";
  options.client_id = "tandem-" + service;
  options.session_timeout = std::chrono::milliseconds(config.session_ms);
  options.fetch_wait = std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(config.linger_us));
  options.on_log = [](int level, const std::string& line) {
    if (level <= 3) log(Level::kWarning, "librdkafka", {{"line", line}});
  };
  return options;
}

void write_ready_file(const Config& config, const std::string& service, const std::string& grpc,
                      const std::string& admin) {
  if (config.ready_file.empty()) return;
  const nlohmann::ordered_json ready = {{"service", service}, {"grpc", grpc}, {"admin", admin}, {"pid", getpid()}};
  // Written beside it and renamed: who waits for the file never reads half of it.
  const std::string partial = config.ready_file + ".part";
  std::ofstream(partial) << ready.dump() << "\n";
  std::rename(partial.c_str(), config.ready_file.c_str());
}

// The world of one process: connections for each thread, and what they share.
struct World {
  World(const store::RedisOptions& redis, bus::KafkaOptions kafka)
      : store(redis),
        places(redis),
        outbox(redis),
        survey(redis),
        healing(redis),
        log(std::move(kafka)),
        health(redis.topology, redis.timeouts) {}

  store::RedisStore store;
  store::RedisStore places;
  store::RedisOutbox outbox;
  store::RedisOutbox survey;
  store::RedisHealing healing;
  bus::KafkaLog log;
  store::RedisHealthProbe health;
  SystemClock clock;
  SystemChance chance;

  std::vector<StoreProblem> store_problems() {
    std::vector<StoreProblem> problems;
    for (const store::RedisHealth& redis : health.check()) {
      const auto kind = !redis.reachable       ? v1::TROUBLE_KIND_STORE_DOWN
                        : redis.refuses_writes ? v1::TROUBLE_KIND_STORE_WRITES
                                               : v1::TROUBLE_KIND_STORE_SETTINGS;
      for (const std::string& problem : redis.problems) problems.push_back({kind, redis.endpoint + " " + problem});
    }
    return problems;
  }
};

Status run(const Config& config, const ServiceDefinition& definition) {
  auto redis = redis_options(config, definition.name);
  if (!redis.ok()) return redis.error();
  World world(*redis, kafka_options(config, definition.name));
  ServiceOptions options;
  options.installation = config.installation;
  options.shards = config.shards;
  options.token_key = config.identity_key;
  options.lease = std::chrono::milliseconds(config.lease_ms);
  options.rpc.address = config.listen;
  options.rpc.fingerprint_key = config.identity_key;
  options.linger = std::chrono::microseconds(config.linger_us);
  Service service(definition,
                  {world.store, world.places, world.outbox, world.survey, world.healing, world.log, world.clock,
                   world.chance, [&] { return world.store_problems(); }},
                  std::move(options));
  auto admin = AdminHttp::start(
      config.admin, [&] { return service.metrics_text(); },
      [&] {
        const std::string troubles = service.troubles();
        return AdminHttp::Health{service.ready() && troubles.empty(), !service.ready()   ? "not ready"
                                                                      : troubles.empty() ? "ok"
                                                                                         : troubles};
      });
  if (!admin.ok()) return admin.error();
  TANDEM_RETURN_IF_ERROR(service.start());
  serving = true;
  log(Level::kInfo, "ready", {{"grpc", service.address()}, {"admin", (*admin)->address()}, {"auth", config.auth}});
  if (config.auth == "none") {
    log(Level::kWarning, "callers are not authenticated (auth: none): only this machine can reach the service");
  }
  write_ready_file(config, definition.name, service.address(), (*admin)->address());
  service.run(stopping);
  log(Level::kInfo, "stopping");
  service.stop(std::chrono::milliseconds(config.drain_ms));
  log(Level::kInfo, "stopped");
  return {};
}

void handle_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int complain(const std::string& service, const Error& error, int status) {
  std::fprintf(stderr, "tandem-%s: %s\n", service.c_str(), to_line(error).c_str());
  return status;
}

}  // namespace

int service_main(int argc, char** argv, ServiceDefinition (*make_definition)(const InstallationKeys&)) {
  const std::string name = make_definition(InstallationKeys{}).name;
#ifdef TANDEM_TEETH
  if (const char* bug = std::getenv("TANDEM_TOOTH"); bug != nullptr && *bug != '\0') {
    const auto tooth = teeth::tooth_named(bug);
    if (!tooth) return complain(name, invalid("TANDEM_TOOTH", "names no bug", "shared/base/teeth.h lists them"), 2);
    teeth::in_force = *tooth;
  }
#endif
  auto arguments = parse(argc, argv);
  if (!arguments.ok()) return complain(name, arguments.error(), 2);
  if (arguments->help) {
    std::printf(
        "tandem-%s [--config FILE] [--print-config | --rebuild [--verify]]\n\nSettings are a YAML file, and over it "
        "the environment "
        "(TANDEM_LISTEN for listen).\n--print-config shows all of them as they are in force.\n"
        "--rebuild compares Redis with the service's log, beside the running service, and puts right what differs;\n"
        "with --verify it only says so. It speaks JSON, a line each; tandem rebuild shows it to people.\n",
        name.c_str());
    return 0;
  }
  auto config = load_config(arguments->config, process_environment());
  if (!config.ok()) return complain(name, config.error(), 2);
  if (arguments->print_config) {
    std::fputs(config->to_yaml().c_str(), stdout);
    return 0;
  }
  if (!arguments->rebuild) handle_signals();
  start_logging(name, config->log_level);
  const ServiceDefinition definition = make_definition({config->identity_key});
  if (arguments->rebuild) {
    auto redis = redis_options(*config, name);
    if (!redis.ok()) return complain(name, redis.error(), 2);
    const Status rebuilt = rebuild(*config, definition, *redis, kafka_options(*config, name), arguments->verify);
    return rebuilt.ok() ? 0 : complain(name, rebuilt.error(), 1);
  }
  const Status status = run(*config, definition);
  if (status.ok()) return 0;
  log(Level::kError, "cannot start", {{"error", to_line(status.error())}});
  return complain(name, status.error(), 1);
}

}  // namespace tandem::runtime
