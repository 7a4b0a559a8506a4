// The product as a system: the four services, their definitions, and what the benchmark's company is.
#include <fstream>
#include <nlohmann/json.hpp>

#include "services/cli/session.h"
#include "shared/base/services.h"
#include "shared/bus/embedded_broker_testing.h"
#include "shared/bus/envelope.h"
#include "shared/rpc/client.h"
#include "tandem/runtime/v1/admin.pb.h"
#include "tandem/sales/v1/events.pb.h"
#include "tests/bench/company.h"
#include "tests/bench/driver/system.h"
#include "tests/bench/driver/topics.h"
#include "tests/bench/plan.h"

namespace tandem::bench {
namespace {

constexpr char kInstallation[] = "bench";
constexpr char kIdentityKey[] = "the identity key of the benchmark";
constexpr char kMarketingService[] = "tandem.marketing.v1.MarketingService.";
constexpr char kSalesService[] = "tandem.sales.v1.SalesService.";

void add(const runtime::v1::Work& work, ServiceWork& sum) {
  sum.batches += static_cast<double>(work.batches());
  sum.commands += static_cast<double>(work.commands());
  sum.load_us += static_cast<double>(work.load_microseconds());
  sum.decide_us += static_cast<double>(work.decide_microseconds());
  sum.commit_us += static_cast<double>(work.commit_microseconds());
  sum.published += static_cast<double>(work.published());
  sum.relay_us += static_cast<double>(work.relay_microseconds());
}

class Product : public System {
 public:
  explicit Product(SystemOptions options) : System(std::move(options), "") {}
  ~Product() override { stop(); }

  Status start() override {
    if (options_.embedded) {
      broker_ = std::make_unique<bus::EmbeddedBroker>(kServices, options_.shards);
    } else {
      TANDEM_RETURN_IF_ERROR(forget_topics());
    }
    start_redis();
    for (uint32_t replica = 0; replica < options_.replicas; ++replica) {
      for (const std::string& service : kServices) {
        TANDEM_RETURN_IF_ERROR(launch_service(service, replica_name(service, replica)));
      }
    }
    return await_all();
  }

  Status prepare() override {
    std::map<std::string, rpc::Client> clients;
    rpc::CallOptions options;
    options.caller = "bench";
    options.role = "admin";
    for (const Definition& definition : company_definitions(options_.teams)) {
      const std::string method = definition.service == "sales" ? kSalesService : kMarketingService;
      rpc::Client& client = clients.try_emplace(definition.service, grpc_of(definition.service)).first->second;
      TANDEM_RETURN_IF_ERROR(
          client.call<type::v1::CommandResult>(method + definition.method, *definition.command, options));
    }
    return {};
  }

  Status write_endpoints() const override {
    cli::Endpoints endpoints;
    endpoints.installation = kInstallation;
    endpoints.bus = bus_name();
    endpoints.kafka = kafka();
    endpoints.redis = redis_addresses();
    endpoints.shards = options_.shards;
    for (const std::string& service : kServices) endpoints.services[service].grpc = grpc_of(service);
    std::ofstream(options_.folder / cli::kIdentityKeyFile) << kIdentityKey << "\n";
    return cli::write_endpoints(options_.folder, endpoints);
  }

  std::string grpc_of(const std::string& process) const override {
    return nlohmann::json::parse(ready_.at(process)).value("grpc", std::string());
  }

  Result<std::map<std::string, ServiceWork>> work() override {
    std::map<std::string, ServiceWork> all;
    for (uint32_t replica = 0; replica < options_.replicas; ++replica) {
      for (const std::string& service : kServices) {
        TANDEM_ASSIGN_OR_RETURN(const auto status, status_of(*this, replica_name(service, replica)));
        add(status.work(), all[service]);
      }
    }
    return all;
  }

  std::optional<std::string> assigned_lead(const bus::Record& record) const override {
    const std::string* header = record.header(bus::kEnvelopeHeader);
    exchange::v1::Envelope envelope;
    if (header == nullptr || !envelope.ParseFromString(*header)) return std::nullopt;
    if (envelope.event_type() != event_type(Cause::kLeadAssigned)) return std::nullopt;
    sales::v1::LeadAssigned event;
    if (!event.ParseFromString(record.value)) return std::nullopt;
    return event.lead().lead();
  }
  std::string topic_of(const std::string& service) const override { return bus::events_topic(service); }

 private:
  std::vector<std::string> committing() const override { return kServices; }

  std::string bus_name() const { return broker_ ? "embedded" : "kafka"; }
  std::string kafka() const { return broker_ ? broker_->bootstrap_servers() : options_.kafka; }

  // Services make them anew.
  Status forget_topics() const {
    std::vector<std::string> topics;
    for (const std::string& service : kServices) {
      topics.push_back(bus::events_topic(service));
      topics.push_back(bus::dead_letters_topic(service));
    }
    return delete_topics(options_.kafka, topics);
  }

  Status launch_service(const std::string& service, const std::string& name) {
    cli::ProcessSpec spec;
    spec.program = (options_.programs / ("tandem-" + service)).string();
    spec.environment = {{"TANDEM_INSTALLATION", kInstallation},
                        {"TANDEM_LISTEN", "127.0.0.1:0"},
                        {"TANDEM_ADMIN", "127.0.0.1:0"},
                        {"TANDEM_SHARDS", std::to_string(options_.shards)},
                        {"TANDEM_REDIS", redis_addresses()},
                        {"TANDEM_KAFKA", kafka()},
                        {"TANDEM_BUS", bus_name()},
                        {"TANDEM_AUTH", "none"},
                        {"TANDEM_IDENTITY_KEY", kIdentityKey},
                        {"TANDEM_READY_FILE", ready_file(name).string()}};
    for (const auto& [setting, value] : options_.settings) spec.environment[setting] = value;
    return launch(service, name, std::move(spec));
  }

  std::unique_ptr<bus::EmbeddedBroker> broker_;
};

}  // namespace

Result<runtime::v1::ServiceStatus> status_of(const System& system, const std::string& process) {
  rpc::CallOptions options;
  options.caller = "bench";
  options.role = "admin";
  rpc::Client client(system.grpc_of(process));
  return client.call<runtime::v1::ServiceStatus>("tandem.runtime.v1.AdminService.GetStatus", runtime::v1::GetStatus(),
                                                 options);
}

std::string replica_name(const std::string& service, uint32_t replica) {
  return replica == 0 ? service : service + "." + std::to_string(replica + 1);
}

std::unique_ptr<System> make_product(SystemOptions options) { return std::make_unique<Product>(std::move(options)); }

}  // namespace tandem::bench
