// For tests: a service that looks like marketing on the wire, with aggregates that decide nothing, over the memory
// store. What becomes of a command is up to the test.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shared/aggregate/indexing.h"
#include "shared/aggregate/instance.h"
#include "shared/aggregate/query.h"
#include "shared/aggregate/service_definition.h"
#include "shared/base/ids.h"
#include "shared/rpc/client.h"
#include "shared/rpc/server.h"
#include "shared/store/memory_store.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::rpc::testing {

namespace mv1 = marketing::v1;

inline constexpr uint32_t kShards = 4;
inline constexpr char kService[] = "tandem.marketing.v1.MarketingService";
inline std::string method(const std::string& name) { return std::string(kService) + "." + name; }

struct FakeCampaign {
  using State = mv1::Campaign;
  static constexpr std::string_view kType = "campaign";
  using Commands = Types<mv1::DefineCampaign, mv1::LaunchCampaign, mv1::EndCampaign, mv1::RecordSpend>;
  using Events = Types<>;
  static Decision decide(const State&, const auto&, const Context&) { return nothing(); }
  static Indexes indexes(const State& s) { return {s.campaign(), {}}; }
};

struct FakePolicy {
  using State = mv1::ScoringPolicy;
  static constexpr std::string_view kType = "scoring_policy";
  using Commands = Types<mv1::PublishScoringPolicy>;
  using Events = Types<>;
  static Decision decide(const State&, const auto&, const Context&) { return nothing(); }
  static Indexes indexes(const State& s) { return {s.policy(), {}}; }
};

struct FakeLead {
  using State = mv1::Lead;
  static constexpr std::string_view kType = "lead";
  using Commands = Types<mv1::CaptureLead, mv1::QualifyLead, mv1::DisqualifyLead, mv1::RescoreLead>;
  using Events = Types<>;
  static Decision decide(const State&, const auto&, const Context&) { return nothing(); }
  static Indexes indexes(const State& s) { return {s.lead(), {{"campaign", s.campaign()}}}; }
};

inline Api fake_api() {
  Api api(kService);
  const auto campaign = [](const auto& c) { return c.campaign(); };
  const auto lead = [](const auto& c) { return c.lead(); };
  api.command<FakeCampaign, mv1::DefineCampaign>("DefineCampaign", campaign);
  api.command<FakeCampaign, mv1::LaunchCampaign>("LaunchCampaign", campaign);
  api.command<FakeCampaign, mv1::EndCampaign>("EndCampaign", campaign);
  api.command<FakeCampaign, mv1::RecordSpend>("RecordSpend", campaign);
  api.get<FakeCampaign>("GetCampaign");
  api.list<FakeCampaign>("ListCampaigns");
  api.command<FakePolicy, mv1::PublishScoringPolicy>("PublishScoringPolicy", [](const auto& c) { return c.policy(); });
  api.get<FakePolicy>("GetScoringPolicy");
  api.list<FakePolicy>("ListScoringPolicies");
  const auto captured = [](const mv1::CaptureLead&, const RequestInfo& info) { return "lead-" + info.request_id; };
  api.command<FakeLead, mv1::CaptureLead>("CaptureLead", captured);
  api.command<FakeLead, mv1::CaptureLead>("CaptureLeads", captured);
  api.command<FakeLead, mv1::QualifyLead>("QualifyLead", lead);
  api.command<FakeLead, mv1::DisqualifyLead>("DisqualifyLead", lead);
  api.command<FakeLead, mv1::RescoreLead>("RescoreLead", lead);
  api.get<FakeLead>("GetLead");
  api.list<FakeLead>("ListLeads");
  return api;
}

inline Registry fake_registry() {
  Registry registry;
  registry.add<FakeCampaign>().add<FakePolicy>().add<FakeLead>();
  return registry;
}

inline ServiceDefinition fake_definition() { return {"marketing", fake_registry(), fake_api(), {}}; }

// The service on a free port, its loop on a thread of its own.
class FakeService {
 public:
  // What becomes of a command. None = it waits until release().
  using Decide = std::function<std::optional<Result<type::v1::CommandResult>>(const IncomingCommand&)>;

  explicit FakeService(ServerOptions options = {}, Decide decide = accept);
  ~FakeService();

  static std::optional<Result<type::v1::CommandResult>> accept(const IncomingCommand& command);

  std::string address() const { return server_->address(); }
  Server& server() { return *server_; }
  // Runs on the loop's thread, and waits for it.
  void on_loop(std::function<void()> work);
  // The loop ends; the server can then be used by this thread.
  void stop_loop();
  // Commands that came to the loop, in order.
  std::vector<IncomingCommand> seen();
  // Answers all that wait.
  void release();
  void put(const mv1::Lead& lead);

  ManualClock clock;
  SystemChance chance;
  store::MemoryWorld world{clock, {.installation = "test", .service = "marketing", .shards = kShards}};
  store::MemoryStore store{world};

 private:
  void loop();

  ServiceDefinition definition_ = fake_definition();
  Queries queries_{definition_.registry, store, {.shards = kShards, .token_key = "key"}};
  Decide decide_;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::vector<IncomingCommand> seen_;
  std::vector<AnswerToken> held_;
  std::function<void()> work_;
  std::atomic<bool> running_{true};
  std::thread thread_;
};

}  // namespace tandem::rpc::testing
