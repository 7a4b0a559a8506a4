// bench-floor SERVICE REDIS_PORT KAFKA SHARDS TEAMS READY_FILE: one service of the floor (plan.h). Writes its gRPC
// address into the ready file when it is ready; ends with SIGTERM.
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/floor/consumer.h"
#include "tests/bench/floor/engine.h"
#include "tests/bench/floor/relay.h"
#include "tests/bench/floor/server.h"

namespace tandem::bench {
namespace {

std::atomic<bool> stopping{false};

// Whose topics a service has to read.
std::vector<std::string> sources_of(const std::string& service) {
  std::set<std::string> sources;
  for (const Step& step : steps()) {
    if (step.service != service) continue;
    for (const Step& cause : steps()) {
      if (cause.makes == step.on) sources.insert(std::string(cause.service));
    }
  }
  return {sources.begin(), sources.end()};
}

void say_ready(const std::string& file, int port) {
  const std::string partial = file + ".part";
  std::ofstream(partial) << "127.0.0.1:" << port << "\n";
  if (std::rename(partial.c_str(), file.c_str()) != 0) fail(file + " cannot be written");
}

int complain(const std::string& what) {
  std::fprintf(stderr, "bench-floor: %s\n", what.c_str());
  return 1;
}

int serve(char** arguments) {
  const std::string service = arguments[1];
  const auto redis_port = static_cast<uint16_t>(std::atoi(arguments[2]));
  const std::string kafka = arguments[3];
  const auto shards = static_cast<uint32_t>(std::atoi(arguments[4]));
  const auto teams = static_cast<uint32_t>(std::atoi(arguments[5]));
  if (redis_port == 0 || shards == 0 || teams == 0) fail("port, shards and teams are numbers above 0");
  FloorEngine engine(service, redis_port, shards, teams);
  FloorServer server(engine, service == steps().front().service);
  FloorRelay relay(service, redis_port, kafka, shards);
  Consumer consumer(kafka, sources_of(service), shards, [&server] { server.wake(); });
  say_ready(arguments[6], server.port());
  server.run(consumer, stopping);
  return 0;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) {
  if (argc != 7) return tandem::bench::complain("usage: bench-floor SERVICE REDIS_PORT KAFKA SHARDS TEAMS READY_FILE");
  struct sigaction action = {};
  action.sa_handler = [](int) { tandem::bench::stopping = true; };
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    return tandem::bench::serve(argv);
  } catch (const std::exception& error) {
    return tandem::bench::complain(error.what());
  }
}
