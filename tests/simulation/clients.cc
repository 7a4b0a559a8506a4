#include "tests/simulation/clients.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "services/sales/assignment.h"
#include "shared/aggregate/instance.h"
#include "shared/base/services.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"
#include "tests/simulation/simulation.h"

namespace tandem::simulation {
namespace {

using google::protobuf::Message;

template <class M>
std::shared_ptr<const Message> text(const char* proto) {
  auto message = std::make_shared<M>();
  if (!google::protobuf::TextFormat::ParseFromString(proto, message.get())) std::abort();
  return message;
}

struct Setup {
  size_t service;
  const char* method;
  std::shared_ptr<const Message> message;
};

const std::vector<Setup>& before_leads() {
  static const std::vector<Setup> all = {
      {kMarketing, "PublishScoringPolicy", text<marketing::v1::PublishScoringPolicy>(R"(
         policy: "default" threshold: 10 effective_from { seconds: 1000000 }
         rules { name: "mail" attribute: "has_email" comparison: COMPARISON_PRESENT points: 10 })")},
      {kSales, "DefinePipeline", text<sales::v1::DefinePipeline>(R"(
         pipeline: "standard" definition { name: "Standard" stages { stage: "new" name: "New" probability_bp: 1000 }
                                           stages { stage: "offer" name: "Offer" probability_bp: 6000 } })")},
      {kSales, "DefineTeam", text<sales::v1::DefineTeam>(R"(
         team: "north" definition { name: "North" manager: "mia" manager_plan: "lead" accept_within_seconds: 2
           max_hops: 2 pipeline: "standard" members { member: "ana" name: "Ana" weight: 2 plan: "ae" capacity: 3 }
           members { member: "ben" name: "Ben" weight: 1 plan: "late" } })")},
      {kIncentives, "PublishPlan", text<incentives::v1::PublishPlan>(R"(
         plan: "ae" effective_from { seconds: 1000000 } definition { name: "AE" kind: PLAN_KIND_DIRECT currency: "EUR"
           period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
           tiers { from_minor_units: 0 rate: "0.06" mode: TIER_MODE_GRADUATED }
           tiers { from_minor_units: 10000000 rate: "0.08" mode: TIER_MODE_GRADUATED } })")},
      {kIncentives, "PublishPlan", text<incentives::v1::PublishPlan>(R"(
         plan: "lead" effective_from { seconds: 1000000 } definition { name: "Lead" kind: PLAN_KIND_OVERRIDE
           currency: "EUR" period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
           tiers { from_minor_units: 0 rate: "0.01" mode: TIER_MODE_GRADUATED } })")},
  };
  return all;
}

// Without these, leads of the team "south" and commissions by the plan "late" are parked.
const std::vector<Setup>& missing() {
  static const std::vector<Setup> all = {
      {kSales, "DefineTeam", text<sales::v1::DefineTeam>(R"(
         team: "south" definition { name: "South" accept_within_seconds: 1 max_hops: 2 pipeline: "standard"
           members { member: "cai" name: "Cai" weight: 1 plan: "ae" } })")},
      {kIncentives, "PublishPlan", text<incentives::v1::PublishPlan>(R"(
         plan: "late" effective_from { seconds: 1000000 } definition { name: "Late" kind: PLAN_KIND_DIRECT
           currency: "EUR" period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
           tiers { from_minor_units: 0 rate: "0.05" mode: TIER_MODE_GRADUATED } })")},
  };
  return all;
}

std::string email_of(uint64_t person) { return "person" + std::to_string(person) + "@example.com"; }

// What is stored of an aggregate; its default where there is nothing.
template <class State>
State state_of(const Simulation& simulation, size_t service, const AggregateRef& ref) {
  State state;
  exchange::v1::StoredAggregate whole;
  const Stored* stored = simulation.stored(service, ref);
  if (stored && whole.ParseFromString(stored->bytes)) state.ParseFromString(whole.state());
  return state;
}

}  // namespace

void Clients::set_up() {
  for (const Setup& setup : before_leads()) ask(setup.service, setup.method, setup.message, false);
}

void Clients::head_start(int step) {
  for (const uint64_t person : {0, 1}) step == 0 ? capture(person) : continue_lead(person);
}

void Clients::define_what_is_missing() {
  if (std::exchange(all_defined_, true)) return;
  for (const Setup& setup : missing()) ask(setup.service, setup.method, setup.message, false);
}

void Clients::ask(size_t service, const std::string& method, std::shared_ptr<const Message> message, bool published) {
  Operation operation;
  operation.service = service;
  operation.name = method;
  operation.published = published;
  const std::string id = "request-" + std::to_string(operations_.size());
  const ApiMethod& entry = definitions().after[service].api.methods().at(method);
  operation.command.target = {entry.aggregate_type, entry.target(*message, RequestInfo{id}).value()};
  operation.command.message = std::move(message);
  operation.command.cause.mutable_request()->set_request_id(id);
  operation.command.cause.mutable_request()->set_fingerprint(method);
  operation.command.caller = {"client", "admin"};
  operations_.push_back(std::move(operation));
  open_.push_back(operations_.size() - 1);
  send(operations_.size() - 1);
}

void Clients::unpark(size_t service, const AggregateRef& aggregate, const std::string& parked, bool discard) {
  Operation operation;
  operation.service = service;
  operation.name = discard ? "DiscardParked" : "RetryParked";
  const std::string id = "request-" + std::to_string(operations_.size());
  operation.command.target = aggregate;
  operation.command.cause.mutable_request()->set_request_id(id);
  operation.command.cause.mutable_request()->set_fingerprint(operation.name);
  operation.command.caller = {"client", "admin"};
  operation.command.unpark = Command::Unpark{parked, discard, "of no use any more"};
  operations_.push_back(std::move(operation));
  open_.push_back(operations_.size() - 1);
  send(operations_.size() - 1);
}

bool Clients::send(uint64_t number) {
  Operation& operation = operations_[number];
  Replica* replica = simulation_.some_replica(operation.service);
  if (!replica) return false;
  operation.sent++;
  if (simulation_.tracing()) {
    simulation_.note("client: " + operation.name + " " + operation.command.target.type + "/" +
                     operation.command.target.id + " (" + operation.command.cause.request().request_id() + ") to " +
                     replica->name());
  }
  replica->receive({number, operation.command, operation.published});
  return true;
}

void Clients::act() {
  Dice& dice = simulation_.dice();
  const uint64_t what = dice.below(10);
  if (what < 4 || operations_.size() < 12) return begin();
  if (what < 8 && !open_.empty()) {
    send(open_[dice.below(open_.size())]);
  } else if (what == 8) {
    send(dice.below(operations_.size()));
  } else {
    retry_some_parked(dice.one_in(2));
  }
}

bool Clients::pump() {
  bool any = false;
  for (const uint64_t number : std::vector<uint64_t>(open_)) {
    if (!operations_[number].answered) any = send(number) || any;
  }
  return any;
}

void Clients::press(size_t service) {
  for (int i = 0; i < 3; i++) {
    const uint64_t person = simulation_.dice().below(simulation_.profile().leads);
    if (service == kMarketing) capture(person);
    if (service == kSales) continue_lead(person);
  }
}

void Clients::begin() {
  Dice& dice = simulation_.dice();
  if (operations_.size() > 20 + 12 * simulation_.profile().leads) return;
  const uint64_t person = dice.below(simulation_.profile().leads);
  if (dice.one_in(40)) return define_what_is_missing();
  if (dice.one_in(3)) return capture(person);
  continue_lead(person);
}

void Clients::capture(uint64_t person) {
  marketing::v1::CaptureLead command;
  command.mutable_person()->set_email(email_of(person));
  command.mutable_person()->set_name("Somebody");
  command.set_team(person % 3 == 2 ? "south" : "north");
  ask(kMarketing, "CaptureLead", std::make_shared<marketing::v1::CaptureLead>(std::move(command)),
      simulation_.dice().one_in(2));
}

void Clients::continue_lead(uint64_t person) {
  marketing::v1::CaptureLead known;
  known.mutable_person()->set_email(email_of(person));
  const auto& capture = definitions().after[kMarketing].api.methods().at("CaptureLead");
  const std::string lead = capture.target(known, RequestInfo{"any"}).value();
  const std::string assignment = sales::Assignment::id_of(lead);
  const auto state = state_of<sales::v1::Assignment>(simulation_, kSales, {"assignment", assignment});
  const uint64_t chance = simulation_.dice().next();
  if (state.status() == sales::v1::ASSIGNMENT_STATUS_ACCEPTED) return continue_deal(state.opportunity(), chance);
  if (state.status() != sales::v1::ASSIGNMENT_STATUS_ASSIGNED) return;
  if (chance % 5 == 0) {
    auto decline = std::make_shared<sales::v1::DeclineLead>();
    decline->set_assignment(assignment);
    decline->set_member(state.member());
    decline->set_reason("no time");
    return ask(kSales, "DeclineLead", std::move(decline), false);
  }
  auto accept = std::make_shared<sales::v1::AcceptLead>();
  accept->set_assignment(assignment);
  accept->set_member(state.member());
  ask(kSales, "AcceptLead", std::move(accept), chance % 2 == 0);
}

void Clients::continue_deal(const std::string& opportunity, uint64_t chance) {
  const auto state = state_of<sales::v1::Opportunity>(simulation_, kSales, {"opportunity", opportunity});
  const bool published = chance % 2 == 0;
  chance /= 2;
  if (state.status() == sales::v1::OPPORTUNITY_STATUS_OPEN) {
    if (chance % 8 == 0) {
      auto lose = std::make_shared<sales::v1::LoseDeal>();
      lose->set_opportunity(opportunity);
      lose->set_reason("too dear");
      return ask(kSales, "LoseDeal", std::move(lose), published);
    }
    if (chance % 4 == 1) {
      auto move = std::make_shared<sales::v1::MoveStage>();
      move->set_opportunity(opportunity);
      move->set_stage(state.stage() == "offer" ? "new" : "offer");
      return ask(kSales, "MoveStage", std::move(move), published);
    }
    auto win = std::make_shared<sales::v1::WinDeal>();
    win->set_opportunity(opportunity);
    win->mutable_amount()->set_minor_units(static_cast<int64_t>(100'000 + chance % 9'000'000));
    win->mutable_amount()->set_currency("EUR");
    return ask(kSales, "WinDeal", std::move(win), published);
  }
  if (state.status() == sales::v1::OPPORTUNITY_STATUS_WON && chance % 3 == 0) {
    auto reverse = std::make_shared<sales::v1::ReverseDeal>();
    reverse->set_opportunity(opportunity);
    reverse->set_reason("not paid");
    if (chance % 2 == 0) {
      reverse->mutable_amount()->set_minor_units(10'000);
      reverse->mutable_amount()->set_currency("EUR");
    }
    ask(kSales, "ReverseDeal", std::move(reverse), published);
  }
}

bool Clients::retry_some_parked(bool first) {
  Dice& dice = simulation_.dice();
  std::vector<std::pair<size_t, AggregateRef>> candidates;
  for (size_t service = 0; service < kCompany; service++) {
    for (const auto& [number, shard] : simulation_.world(service).shards()) {
      const auto index = shard.indexes.find(std::string(kParkedIndex));
      if (index == shard.indexes.end() || index->second.empty()) continue;
      for (const auto& [ref, stored] : shard.aggregates) {
        exchange::v1::StoredAggregate whole;
        if (whole.ParseFromString(stored.bytes) && whole.parked_size() > 0) candidates.emplace_back(service, ref);
      }
    }
  }
  if (candidates.empty()) return false;
  const auto& [service, ref] = candidates[dice.below(candidates.size())];
  exchange::v1::StoredAggregate whole;
  whole.ParseFromString(simulation_.stored(service, ref)->bytes);
  const int which = first ? 0 : static_cast<int>(dice.below(static_cast<uint64_t>(whole.parked_size())));
  // What is still rejected once everything is defined, will be for ever.
  unpark(service, ref, whole.parked(which).id(), simulation_.quiet() && dice.one_in(2));
  return true;
}

bool Clients::settle_parked(bool again) {
  define_what_is_missing();
  return again && retry_some_parked(true);
}

void Clients::answered(const Replica& replica, uint64_t number, const Outcome& outcome) {
  Operation& operation = operations_[number];
  const bool failed = outcome.kind == Outcome::Kind::kFailed;
  if (simulation_.tracing()) {
    simulation_.note("client: answer to " + operation.command.cause.request().request_id() + ": " +
                     (failed
                          ? to_line(outcome.error)
                          : outcome.result.event_type() + " " + std::to_string(outcome.result.position().number()) +
                                (outcome.result.acknowledgement() == type::v1::ACKNOWLEDGEMENT_PUBLISHED ? " PUBLISHED"
                                                                                                         : " STORED")));
  }
  if (failed && (outcome.error.code == Code::kUnavailable || outcome.error.code == Code::kAborted)) return;
  operation.answered = true;
  operation.rejected = failed;
  std::erase(open_, number);
  if (failed || outcome.result.event_id().empty()) return;
  simulation_.witness().answered({replica.service(), operation.command.cause.request().request_id(),
                                  outcome.result.event_id(),
                                  outcome.result.acknowledgement() == type::v1::ACKNOWLEDGEMENT_PUBLISHED});
}

std::string Clients::unfinished() const {
  std::string names;
  for (const uint64_t number : open_) names += " " + operations_[number].name;
  return std::to_string(open_.size()) + " requests without an answer" + names;
}

}  // namespace tandem::simulation
