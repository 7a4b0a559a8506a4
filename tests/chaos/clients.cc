#include "tests/chaos/clients.h"

#include <utility>

#include "shared/rpc/client.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::chaos {
namespace {

using google::protobuf::Message;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr uint32_t kCapturers = 4;
constexpr uint32_t kSellers = 3;
constexpr milliseconds kEndless{600'000};
constexpr milliseconds kHasty{1'000};   // of a client who gives up
constexpr milliseconds kOneTry{2'500};  // then another replica may know more
constexpr milliseconds kPause{30};
constexpr uint64_t kHastyOneOf = 6;
constexpr uint64_t kKnownOneOf = 10;  // leads of persons who are known already
constexpr uint64_t kTakenBackOneOf = 5;

bool again(Code code) {
  return rpc::passes(code) || code == Code::kDeadlineExceeded || code == Code::kCancelled || code == Code::kAborted;
}

std::string service_of(const Message& command) {
  const std::string& name = command.GetDescriptor()->full_name();  // tandem.<service>.v1.<Command>
  return name.substr(7, name.find('.', 7) - 7);
}

std::string request_id_of(const Message& message) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName("request_id"));
}

// The same thread for the same thing, so that two do not send the same command at once.
bool is_of(uint32_t thread, const std::string& id) { return std::hash<std::string>()(id) % kSellers == thread; }

}  // namespace

Clients::Clients(World& world, History& history, uint64_t seed, uint32_t leads_a_second)
    : world_(world), history_(history), leads_a_second_(leads_a_second) {
  for (uint32_t i = 0; i < kCapturers; i++) capturers_.emplace_back([this, seed, i] { capture(seed + i, i); });
  for (uint32_t i = 0; i < kSellers; i++) sellers_.emplace_back([this, seed, i] { sell(seed + kCapturers + i, i); });
}

Clients::~Clients() {
  capturing_ = false;
  selling_ = false;
  for (std::thread& thread : capturers_) {
    if (thread.joinable()) thread.join();
  }
  for (std::thread& thread : sellers_) {
    if (thread.joinable()) thread.join();
  }
}

milliseconds Clients::patience_of(Chance& chance) { return below(chance, kHastyOneOf) == 0 ? kHasty : kEndless; }

Result<type::v1::CommandResult> Clients::send(const Message& command, milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  const std::string service = service_of(command);
  rpc::CallOptions options;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    options.deadline = std::min(std::max(left, milliseconds(1)), kOneTry);
    const uint64_t replica = round_++ % world_.options().replicas + 1;
    const std::string process = replica == 1 ? service : service + "." + std::to_string(replica);
    auto result =
        world_.tandem().call<type::v1::CommandResult>(process, command.GetDescriptor()->name(), command, options);
    if (!again(result.code()) || steady_clock::now() >= deadline || !selling_) return result;
    std::this_thread::sleep_for(kPause);
  }
}

bool Clients::give(Message& command, const std::string& about, milliseconds patience) {
  const auto* field = command.GetDescriptor()->FindFieldByName("acknowledgement");
  command.GetReflection()->SetEnumValue(&command, field, type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  const std::string request_id = request_id_of(command);
  {
    std::lock_guard lock(mutex_);
    auto& kept = sent_[request_id];
    kept.reset(command.New());
    kept->CopyFrom(command);
  }
  history_.begin(command.GetDescriptor()->name(), request_id, about);
  const auto result = send(command, patience);
  if (result.ok()) {
    history_.acknowledge(request_id, *result);
  } else if (again(result.code())) {
    history_.give_up(request_id);
  } else {
    history_.refuse(request_id, to_line(result.error()));
  }
  return result.ok();
}

void Clients::capture(uint64_t seed, uint32_t thread) {
  SeededChance chance(seed);
  const auto pace = milliseconds(1000 * kCapturers / leads_a_second_);
  auto next = steady_clock::now();
  for (uint64_t i = 0; capturing_; i++) {
    const bool known = i > 0 && below(chance, kKnownOneOf) == 0;
    const std::string email =
        "person" + std::to_string(thread) + "-" + std::to_string(known ? below(chance, i) : i) + "@example.com";
    auto command = world_.company().person(email);
    command.set_request_id("capture-" + std::to_string(thread) + "-" + std::to_string(i));
    give(command, email, patience_of(chance));
    // What was missed in an outage is not made up for: it would fall on those who just come back.
    next = std::max(next + pace, steady_clock::now());
    while (capturing_ && steady_clock::now() < next) std::this_thread::sleep_for(milliseconds(5));
  }
}

void Clients::sell(uint64_t seed, uint32_t thread) {
  SeededChance chance(seed);
  while (selling_) {
    if (sell_once(chance, thread)) std::this_thread::sleep_for(milliseconds(100));
  }
}

bool Clients::sell_once(Chance& chance, uint32_t thread) {
  auto page = [this](const std::string& method, const std::string& filter, auto prototype) {
    type::v1::ListRequest request;
    request.set_filter(filter);
    request.set_page_size(50);
    rpc::CallOptions options;
    options.deadline = kOneTry;
    const uint64_t replica = round_++ % world_.options().replicas + 1;
    const std::string process = replica == 1 ? "sales" : "sales." + std::to_string(replica);
    auto found = world_.tandem().call<decltype(prototype)>(process, method, request, options);
    return found.ok() ? *found : decltype(prototype)();  // while sales is away there is nothing to do
  };
  bool nothing = true;
  const auto assigned = page("ListAssignments", "status = ASSIGNED", sales::v1::ListAssignmentsResult());
  for (const auto& assignment : assigned.assignments()) {
    if (!selling_ || !is_of(thread, assignment.assignment())) continue;
    nothing = false;
    sales::v1::AcceptLead accept;
    accept.set_request_id("accept-" + assignment.assignment() + "-" + std::to_string(assignment.hop()));
    accept.set_assignment(assignment.assignment());
    accept.set_member(assignment.member());
    give(accept, assignment.assignment(), patience_of(chance));
  }
  const auto open = page("ListOpportunities", "status = OPEN", sales::v1::ListOpportunitiesResult());
  for (const auto& opportunity : open.opportunities()) {
    if (!selling_ || !is_of(thread, opportunity.opportunity())) continue;
    nothing = false;
    sales::v1::WinDeal win;
    win.set_request_id("win-" + opportunity.opportunity());
    win.set_opportunity(opportunity.opportunity());
    win.mutable_amount()->set_minor_units(100'000 + static_cast<int64_t>(opportunity.lead().back()));
    win.mutable_amount()->set_currency("EUR");
    if (!give(win, opportunity.opportunity(), patience_of(chance)) || below(chance, kTakenBackOneOf) != 0) continue;
    sales::v1::ReverseDeal reverse;
    reverse.set_request_id("reverse-" + opportunity.opportunity());
    reverse.set_opportunity(opportunity.opportunity());
    reverse.set_reason("the customer withdrew");
    give(reverse, opportunity.opportunity(), patience_of(chance));
  }
  return nothing;
}

std::pair<std::string, std::string> Clients::capture_one(const std::string& email, milliseconds patience) {
  auto command = world_.company().person(email);
  command.set_request_id("capture-" + email);
  give(command, email, patience);
  for (const Act& act : history_.acts()) {
    if (act.request_id != command.request_id()) continue;
    if (act.outcome == Outcome::kAcknowledged) return {act.answer.subject(), ""};
    return {"", act.error.empty() ? "a lead is not acknowledged" : act.error};
  }
  return {"", "a lead was not sent"};
}

std::map<std::string, std::string> Clients::ask_again(const std::vector<Act>& acts) {
  std::map<std::string, std::string> otherwise;
  for (const Act& act : acts) {
    std::unique_ptr<Message> command;
    {
      std::lock_guard lock(mutex_);
      const auto& kept = sent_.at(act.request_id);
      command.reset(kept->New());
      command->CopyFrom(*kept);
    }
    const auto result = send(*command, milliseconds(20'000));
    if (result.ok() && result->event_id() == act.answer.event_id()) continue;
    if (!result.ok() && again(result.code())) continue;  // the next recovery says so
    otherwise[act.request_id] = "it was " + act.answer.event_id() + " of " + act.answer.event_type() + ", and is " +
                                (result.ok() ? result->ShortDebugString() : to_line(result.error()));
  }
  return otherwise;
}

std::string Clients::finish(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  capturing_ = false;
  for (std::thread& thread : capturers_) thread.join();
  capturers_.clear();
  const auto left = [this] {
    const size_t assigned = world_.company().assignments("status = ASSIGNED").size();
    const size_t open =
        world_.company().list<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>("status = OPEN").size();
    return std::pair(assigned, open);
  };
  while (steady_clock::now() < deadline) {
    if (!world_.tandem().settle(std::chrono::seconds(5)) || left() != std::pair<size_t, size_t>{}) continue;
    selling_ = false;
    for (std::thread& thread : sellers_) thread.join();
    sellers_.clear();
    if (world_.tandem().settle()) return "";
    return "the installation does not come to rest";
  }
  const auto [assigned, open] = left();
  const std::string troubles = world_.not_well();
  return std::to_string(assigned) + " leads are not accepted, " + std::to_string(open) + " deals are open" +
         (troubles.empty() ? "" : "; " + troubles);
}

}  // namespace tandem::chaos
