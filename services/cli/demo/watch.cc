#include "services/cli/demo/watch.h"

#include <algorithm>
#include <utility>

#include "services/cli/event_text.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

constexpr bus::Millis kOpenTimeout{10'000};

template <class Event>
const Event* as(const Message& message) {
  return message.GetDescriptor() == Event::descriptor() ? static_cast<const Event*>(&message) : nullptr;
}

int64_t sum_of(const google::protobuf::RepeatedPtrField<incentives::v1::Entry>& entries) {
  int64_t sum = 0;
  for (const auto& entry : entries) sum += entry.amount().minor_units();
  return sum;
}

}  // namespace

Result<std::unique_ptr<DemoWatch>> DemoWatch::open(const bus::KafkaOptions& kafka, OnEvent on_event) {
  std::unique_ptr<DemoWatch> watch(new DemoWatch);
  watch->on_event_ = std::move(on_event);
  watch->log_ = std::make_unique<bus::KafkaLog>(kafka);
  TANDEM_ASSIGN_OR_RETURN(watch->tail_, bus::Tail::open(*watch->log_, {"marketing", "sales", "incentives"},
                                                        bus::TailStart(), kOpenTimeout));
  return watch;
}

Result<bool> DemoWatch::poll(size_t limit, bus::Millis timeout) {
  size_t taken = 0;
  while (taken < limit) {
    auto next = tail_->next(taken == 0 ? timeout : bus::Millis(0));
    if (!next.ok() && next.code() == Code::kDataLoss) {
      const std::scoped_lock lock(mutex_);
      ++seen_.gaps;
      continue;
    }
    if (!next.ok() && next.code() == Code::kUnavailable) break;  // the brokers will be back
    if (!next.ok()) return std::move(next).error();
    if (!next->has_value()) break;
    ++taken;
    const bus::ConsumedEvent& event = **next;
    const auto message = event_message(event);
    if (!message) continue;
    note(event, *message);
    if (event.source.service == "sales") on_event_(event, *message);
  }
  return taken > 0;
}

void DemoWatch::note(const bus::ConsumedEvent& event, const Message& message) {
  const std::scoped_lock lock(mutex_);
  ++seen_.events;
  if (event.source.service == "marketing") return note_marketing(event, message);
  if (event.source.service == "sales") return note_sales(event, message);
  note_incentives(message);
}

void DemoWatch::note_marketing(const bus::ConsumedEvent& event, const Message& message) {
  if (const auto* e = as<marketing::v1::LeadCaptured>(message)) {
    ++seen_.captured;
    Journey& journey = journeys_[e->lead()];
    journey.came = to_instant(event.envelope.occurred_at());
    if (e->score().points() >= e->score().threshold()) journey.captured = to_instant(event.envelope.recorded_at());
  } else if (as<marketing::v1::TouchRecorded>(message)) {
    ++seen_.touches;
  } else if (as<marketing::v1::LeadQualified>(message)) {
    ++seen_.qualified;
    ++seen_.between_services;
  }
}

void DemoWatch::note_sales(const bus::ConsumedEvent& event, const Message& message) {
  if (const auto* e = as<sales::v1::LeadAssigned>(message)) {
    ++seen_.assigned;
    if (!e->was_queued()) --seen_.between_services;
    unanswered_[e->assignment()] = to_instant(e->deadline());
    Journey& journey = journeys_[e->lead().lead()];
    journey.assigned = to_instant(event.envelope.recorded_at());
    journey.from_queue = e->was_queued();
    journey.seen = std::chrono::steady_clock::now();
  } else if (const auto* e = as<sales::v1::LeadReassigned>(message)) {
    unanswered_[e->assignment()] = to_instant(e->to().deadline());
  } else if (const auto* e = as<sales::v1::LeadAccepted>(message)) {
    unanswered_.erase(e->assignment());
  } else if (const auto* e = as<sales::v1::LeadDeclined>(message)) {
    ++seen_.declined;
    unanswered_.erase(e->assignment());
  } else if (const auto* e = as<sales::v1::AssignmentExpired>(message)) {
    ++seen_.expired;
    unanswered_.erase(e->assignment());
  } else if (const auto* e = as<sales::v1::MemberPicked>(message)) {
    seen_.rotation.add(*e);
    seen_.considered += static_cast<uint64_t>(e->considered_size());
    if (e->was_queued()) --seen_.in_queue;
  } else if (const auto* e = as<sales::v1::LeadQueued>(message)) {
    ++(e->needs_person() ? seen_.need_person : seen_.queued);
    if (!e->needs_person()) ++seen_.in_queue;
    if (e->hop() <= 1) --seen_.between_services;
  } else if (as<sales::v1::DealWon>(message)) {
    ++seen_.won;
  }
}

void DemoWatch::note_incentives(const Message& message) {
  if (const auto* e = as<incentives::v1::CommissionEarned>(message)) seen_.earned_minor += sum_of(e->entries());
  if (const auto* e = as<incentives::v1::CommissionClawedBack>(message)) seen_.earned_minor += sum_of(e->entries());
}

Seen DemoWatch::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

int64_t DemoWatch::in_queue() const {
  const std::scoped_lock lock(mutex_);
  return seen_.in_queue;
}

Load DemoWatch::load() const {
  const std::scoped_lock lock(mutex_);
  return {seen_.captured + seen_.touches, seen_.between_services, seen_.in_queue, unanswered_.size(), seen_.gaps};
}

bool DemoWatch::answer_is_due() const {
  const Instant soon = SystemClock().now() + std::chrono::minutes(1);
  const std::scoped_lock lock(mutex_);
  return std::any_of(unanswered_.begin(), unanswered_.end(), [soon](const auto& one) { return one.second < soon; });
}

std::optional<Instant> DemoWatch::came_at(const std::string& lead) const {
  const std::scoped_lock lock(mutex_);
  const auto found = journeys_.find(lead);
  if (found == journeys_.end() || found->second.came == Instant{}) return std::nullopt;
  return found->second.came;
}

DemoWatch::Latencies DemoWatch::latencies() const {
  const std::scoped_lock lock(mutex_);
  Latencies latencies;
  for (const auto& [lead, journey] : journeys_) {
    if (journey.captured == Instant{} || journey.assigned == Instant{}) continue;
    auto& of = journey.from_queue ? latencies.from_queue : latencies.at_once;
    of.push_back((journey.assigned - journey.captured).count());
  }
  return latencies;
}

std::unordered_map<std::string, std::chrono::steady_clock::time_point> DemoWatch::assigned_seen() const {
  const std::scoped_lock lock(mutex_);
  std::unordered_map<std::string, std::chrono::steady_clock::time_point> seen;
  for (const auto& [lead, journey] : journeys_) {
    if (journey.captured == Instant{} || journey.assigned == Instant{} || journey.from_queue) continue;
    seen.emplace(lead, journey.seen);
  }
  return seen;
}

}  // namespace tandem::cli
