#include "services/cli/demo/salespeople.h"

#include <algorithm>
#include <utility>

#include "services/cli/session.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "shared/base/ports.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kManyWait = 8;          // then everybody works faster,
constexpr int kFaster = 8;                // so many times
constexpr int64_t kUsualDeal = 1'200'00;  // where nobody said what it may bring
constexpr int kAcceptPercent = 3;         // of the time from a lead's coming until today
constexpr size_t kMost = 256;             // under way at once

Instant today() { return SystemClock().now(); }

// Deals take three weeks at most, and today at the latest they are decided.
Instant last_day(Instant opened) { return std::min(today(), opened + std::chrono::days(21)); }

void set_time(google::protobuf::Timestamp& field, Instant instant) { field = to_timestamp(instant); }

void set_euros(type::v1::Money& money, int64_t minor) {
  money.set_minor_units(minor);
  money.set_currency("EUR");
}

// Whoever answers after the deadline, or after somebody else got it, hears so.
bool is_too_late(const Error& error) {
  return error.code == Code::kFailedPrecondition || error.code == Code::kPermissionDenied;
}

}  // namespace

Salespeople::Salespeople(const std::string& address, SalespeopleOptions options)
    : options_(std::move(options)), sender_(address, 2) {}

void Salespeople::on_event(const bus::ConsumedEvent& event, const google::protobuf::Message& message) {
  const auto* type = message.GetDescriptor();
  const Instant happened = to_instant(event.envelope.occurred_at());
  if (type == sales::v1::LeadAssigned::descriptor()) {
    answer(static_cast<const sales::v1::LeadAssigned&>(message), happened);
  } else if (type == sales::v1::LeadReassigned::descriptor()) {
    answer(static_cast<const sales::v1::LeadReassigned&>(message).to(), happened);
  } else if (type == sales::v1::OpportunityOpened::descriptor()) {
    open(static_cast<const sales::v1::OpportunityOpened&>(message), happened);
  }
}

void Salespeople::step(CommandSender::Clock::time_point deadline) {
  while (!planned_.empty() && planned_.top().due <= CommandSender::Clock::now() && sender_.in_flight() < kMost) {
    const auto act = planned_.top().act;
    planned_.pop();
    act();
    --open_;
  }
  if (sender_.in_flight() == 0) return;
  if (!planned_.empty()) deadline = std::min(deadline, planned_.top().due);
  sender_.poll(deadline);
}

void Salespeople::plan(milliseconds after, std::function<void()> act) {
  ++open_;
  planned_.push({CommandSender::Clock::now() + after, std::move(act)});
}

void Salespeople::send(const char* method, const std::string& caller, const char* role,
                       std::shared_ptr<const google::protobuf::Message> command, std::function<void()> on_done,
                       std::function<bool(const Error&)> is_fine) {
  rpc::CallOptions options;
  options.caller = caller;
  options.role = role;
  ++open_;
  sender_.send(std::string(kSales) + method, std::move(command), options,
               [this, method, on_done = std::move(on_done),
                is_fine = std::move(is_fine)](const Result<type::v1::CommandResult>& result) {
                 if (result.ok()) {
                   on_done();
                 } else if (!is_fine || !is_fine(result.error())) {
                   ++done_.refused[std::string(method) + ": " + to_line(result.error())];
                 }
                 --open_;
               });
}

std::string Salespeople::request_id(const std::string& what, const std::string& of) const {
  return "demo-" + options_.run + "-" + what + "-" + of;
}

milliseconds Salespeople::pace(const Deal& deal) const {
  return watch_->in_queue() > kManyWait ? deal.course.pace / kFaster : deal.course.pace;
}

void Salespeople::answer(const sales::v1::LeadAssigned& assigned, Instant happened) {
  const Reply reply = reply_to(options_.seed, assigned.assignment(), assigned.hop());
  const Instant came = watch_->came_at(assigned.lead().lead()).value_or(happened);
  const Instant when = between(came, std::max(came, today()), kAcceptPercent);
  if (reply.answer == Answer::kSilence) return;  // the deadline is let pass
  if (reply.answer == Answer::kDecline) {
    plan(reply.after, [this, assigned, reply, when] { decline(assigned, reply.reason, when); });
  } else {
    plan(reply.after, [this, assigned, when] { accept(assigned, when); });
  }
}

void Salespeople::accept(const sales::v1::LeadAssigned& assigned, Instant came) {
  auto command = std::make_shared<sales::v1::AcceptLead>();
  command->set_request_id(request_id("accept-" + std::to_string(assigned.hop()), assigned.assignment()));
  set_time(*command->mutable_occurred_at(), came);
  command->set_assignment(assigned.assignment());
  command->set_member(assigned.member());
  send(
      "AcceptLead", assigned.member(), "salesperson", std::move(command), [this] { ++done_.accepted; },
      [this](const Error& error) { return is_too_late(error) && ++done_.late; });
}

void Salespeople::decline(const sales::v1::LeadAssigned& assigned, const std::string& reason, Instant came) {
  auto command = std::make_shared<sales::v1::DeclineLead>();
  command->set_request_id(request_id("decline-" + std::to_string(assigned.hop()), assigned.assignment()));
  set_time(*command->mutable_occurred_at(), came);
  command->set_assignment(assigned.assignment());
  command->set_member(assigned.member());
  command->set_reason(reason);
  send(
      "DeclineLead", assigned.member(), "salesperson", std::move(command), [this] { ++done_.declined; },
      [this](const Error& error) { return is_too_late(error) && ++done_.late; });
}

void Salespeople::open(const sales::v1::OpportunityOpened& opened, Instant when) {
  auto deal = std::make_shared<Deal>();
  deal->opportunity = opened.opportunity();
  deal->owner = opened.owner();
  deal->expected_minor = opened.has_expected() ? opened.expected().minor_units() : kUsualDeal;
  deal->opened = when;
  deal->course = course_of(options_.seed, opened.opportunity());
  // A desk holds so many open deals and no more.
  if (deal->course.outcome == Outcome::kOpen && done_.left_open >= options_.may_stay_open) {
    deal->course.outcome = Outcome::kLost;
  }
  if (deal->course.outcome == Outcome::kOpen) ++done_.left_open;
  plan(pace(*deal), [this, deal] { work(deal); });
}

void Salespeople::work(const std::shared_ptr<Deal>& deal) {
  if (deal->step < deal->course.stages.size()) return move(deal);
  if (deal->course.outcome == Outcome::kWon) return win(deal);
  if (deal->course.outcome == Outcome::kLost) return lose(deal);
}

void Salespeople::move(const std::shared_ptr<Deal>& deal) {
  const std::string& stage = deal->course.stages[deal->step++];
  auto command = std::make_shared<sales::v1::MoveStage>();
  command->set_request_id(request_id("move-" + stage, deal->opportunity));
  const int part = deal->course.close_percent * static_cast<int>(deal->step);
  set_time(*command->mutable_occurred_at(),
           between(deal->opened, last_day(deal->opened), part / static_cast<int>(deal->course.stages.size() + 1)));
  command->set_opportunity(deal->opportunity);
  command->set_stage(stage);
  send("MoveStage", deal->owner, "salesperson", std::move(command), [this, deal] {
    ++done_.moved;
    plan(pace(*deal), [this, deal] { work(deal); });
  });
}

std::string Salespeople::helper_of(const Deal& deal) const {
  if (deal.course.helper_bp == 0 || options_.members.size() < 2) return "";
  const size_t start = stable_hash(deal.opportunity) % options_.members.size();
  const std::string& first = options_.members[start];
  return first != deal.owner ? first : options_.members[(start + 1) % options_.members.size()];
}

void Salespeople::win(const std::shared_ptr<Deal>& deal) {
  const Course& course = deal->course;
  const int64_t minor = deal->expected_minor / 100 * course.value_percent + course.cents;
  const Instant when = between(deal->opened, last_day(deal->opened), course.close_percent);
  auto command = std::make_shared<sales::v1::WinDeal>();
  command->set_request_id(request_id("win", deal->opportunity));
  set_time(*command->mutable_occurred_at(), when);
  command->set_opportunity(deal->opportunity);
  set_euros(*command->mutable_amount(), minor);
  if (const std::string helper = helper_of(*deal); !helper.empty()) {
    auto& own = *command->add_splits();
    own.set_payee(deal->owner);
    own.set_share_bp(10'000 - course.helper_bp);
    auto& theirs = *command->add_splits();
    theirs.set_payee(helper);
    theirs.set_share_bp(course.helper_bp);
  }
  set_time(*command->mutable_terms()->mutable_starts_at(), when);
  command->mutable_terms()->set_months(course.months);
  send("WinDeal", deal->owner, "salesperson", std::move(command), [this, deal, minor, when] {
    ++done_.won;
    done_.won_minor += minor;
    if (deal->course.take_back == TakeBack::kNothing || minor < 100) return;
    plan(pace(*deal), [this, deal, minor, when] { take_back(deal, minor, when); });
  });
}

void Salespeople::lose(const std::shared_ptr<Deal>& deal) {
  auto command = std::make_shared<sales::v1::LoseDeal>();
  command->set_request_id(request_id("lose", deal->opportunity));
  set_time(*command->mutable_occurred_at(), between(deal->opened, last_day(deal->opened), deal->course.close_percent));
  command->set_opportunity(deal->opportunity);
  command->set_reason(deal->course.lost_reason);
  send("LoseDeal", deal->owner, "salesperson", std::move(command), [this] { ++done_.lost; });
}

void Salespeople::take_back(const std::shared_ptr<Deal>& deal, int64_t minor, Instant won) {
  const bool whole = deal->course.take_back == TakeBack::kWhole;
  const int64_t back = whole ? minor : minor / 3;
  auto command = std::make_shared<sales::v1::ReverseDeal>();
  command->set_request_id(request_id("reverse", deal->opportunity));
  set_time(*command->mutable_occurred_at(), between(won, today(), 50));
  command->set_opportunity(deal->opportunity);
  if (!whole) set_euros(*command->mutable_amount(), back);
  command->set_reason(whole ? "the customer withdrew" : "fewer licences than agreed");
  send("ReverseDeal", options_.manager, "sales_manager", std::move(command), [this, back] {
    ++done_.reversed;
    done_.reversed_minor += back;
  });
}

}  // namespace tandem::cli
