// bench-instructions COUNT: captures so many leads in the engine of marketing, on the store in memory, sixteen a batch:
// load, decide, commit, without servers. tests/bench/instructions.sh counts what it takes under callgrind.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "services/marketing/service.h"
#include "shared/aggregate/engine.h"
#include "shared/base/ports.h"
#include "shared/store/memory_store.h"
#include "tests/bench/company.h"

namespace tandem::bench {
namespace {

constexpr uint32_t kShards = 16;
constexpr uint64_t kBatch = 16;
constexpr uint32_t kTeams = 4;

class Marketing {
 public:
  Marketing() { world_.open_all(); }

  Command command(const std::string& method, std::shared_ptr<const google::protobuf::Message> message,
                  const std::string& request_id) const {
    const ApiMethod& entry = definition_.api.methods().at(method);
    Command command;
    command.target = {entry.aggregate_type, entry.target(*message, RequestInfo{request_id}).value()};
    command.message = std::move(message);
    command.cause.mutable_request()->set_request_id(request_id);
    command.cause.mutable_request()->set_fingerprint(std::string(32, 'f'));
    command.caller = {"website", "service"};
    return command;
  }

  // False if one was not committed.
  bool execute(const std::vector<Command>& batch) {
    for (const Outcome& outcome : engine_.execute(batch)) {
      if (outcome.kind != Outcome::Kind::kCommitted) {
        std::fprintf(stderr, "bench-instructions: %s\n", to_line(outcome.error).c_str());
        return false;
      }
    }
    return true;
  }

 private:
  static EngineOptions options() {
    EngineOptions options;
    options.installation = "bench";
    options.service = "marketing";
    options.shards = kShards;
    return options;
  }

  ManualClock clock_{parse_instant("2026-11-24T10:00:00Z").value()};
  SeededChance chance_{1};
  ServiceDefinition definition_ = marketing::service(InstallationKeys{"the key of the benchmark"});
  store::MemoryWorld world_{clock_, {"bench", "marketing", kShards}};
  store::MemoryStore store_{world_};
  Engine engine_{definition_.registry, store_, clock_, chance_, options()};
};

int run(uint64_t count) {
  Marketing marketing;
  uint64_t number = 0;
  for (const Definition& definition : company_definitions(kTeams)) {
    if (definition.service != "marketing") continue;
    const std::string request = "definition-" + std::to_string(++number);
    if (!marketing.execute({marketing.command(definition.method, definition.command, request)})) return 1;
  }
  for (uint64_t done = 0; done < count; done += kBatch) {
    std::vector<Command> batch;
    for (uint64_t i = done; i < done + kBatch; ++i) {
      auto lead = std::make_shared<marketing::v1::CaptureLead>(lead_of("count", i, kTeams));
      const std::string request = lead->request_id();
      batch.push_back(marketing.command("CaptureLead", std::move(lead), request));
    }
    if (!marketing.execute(batch)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) {
  const long count = argc == 2 ? std::atol(argv[1]) : 0;
  if (count <= 0) {
    std::fprintf(stderr, "usage: bench-instructions COUNT\n");
    return 2;
  }
  return tandem::bench::run(static_cast<uint64_t>(count));
}
