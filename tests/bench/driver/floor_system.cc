// The floor as a system: its three programs.
#include <set>

#include "shared/base/ids.h"
#include "tests/bench/driver/system.h"
#include "tests/bench/driver/topics.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

class Floor : public System {
 public:
  explicit Floor(SystemOptions options) : System(std::move(options), "floor-") {}
  ~Floor() override { stop(); }

  Status start() override {
    std::vector<std::string> topics;
    for (const std::string& service : committing()) topics.push_back(topic_of(service));
    TANDEM_RETURN_IF_ERROR(delete_topics(options_.kafka, topics));
    TANDEM_RETURN_IF_ERROR(create_topics(options_.kafka, topics, options_.shards));
    start_redis();
    for (const std::string& service : committing()) {
      cli::ProcessSpec spec;
      spec.program = (options_.programs / "bench-floor").string();
      spec.arguments = {service,
                        std::to_string(redis_port()),
                        options_.kafka,
                        std::to_string(options_.shards),
                        std::to_string(options_.teams),
                        ready_file(service).string()};
      TANDEM_RETURN_IF_ERROR(launch(service, service, std::move(spec)));
    }
    return await_all();
  }

  Status prepare() override { return {}; }
  Status write_endpoints() const override { return make_error(Code::kUnimplemented, "the floor has no command line"); }
  std::string grpc_of(const std::string& process) const override { return ready_.at(process); }
  Result<std::map<std::string, ServiceWork>> work() override { return std::map<std::string, ServiceWork>(); }

  std::optional<std::string> assigned_lead(const bus::Record& record) const override {
    const std::string* envelope = record.header("tandem");
    if (envelope == nullptr || static_cast<Cause>((*envelope)[0]) != Cause::kLeadAssigned) return std::nullopt;
    return record.key;
  }
  std::string topic_of(const std::string& service) const override { return "floor." + service + ".events"; }

 private:
  std::vector<std::string> committing() const override {
    std::set<std::string> services;
    for (const Step& step : steps()) services.insert(std::string(step.service));
    return {services.begin(), services.end()};
  }
};

}  // namespace

std::unique_ptr<System> make_floor(SystemOptions options) { return std::make_unique<Floor>(std::move(options)); }

}  // namespace tandem::bench
