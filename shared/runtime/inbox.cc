#include "shared/runtime/inbox.h"

#include <memory>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/teeth.h"

namespace tandem::runtime {

std::vector<Command> Inbox::commands_of(const bus::ConsumedEvent& event) const {
  const exchange::v1::Envelope& envelope = event.envelope;
  auto message = reactions_.new_event(envelope.event_type());
  if (!message) return {};
  Command base;
  exchange::v1::EventCause& cause = *base.cause.mutable_event();
  cause.mutable_mark()->set_service(event.source.service);
  cause.mutable_mark()->set_partition(event.source.partition);
  cause.mutable_mark()->set_number(event.n);
  cause.set_event_id(envelope.event_id());
  cause.set_event_type(envelope.event_type());
  base.occurred_at = to_instant(envelope.occurred_at());
  base.traceparent = envelope.traceparent();
  if (!message->ParseFromString(event.payload)) {
    cause.mutable_mark()->set_k(1);
    base.target = {std::string(kUndecodable), envelope.aggregate_id()};
    base.undecodable = event.payload;
    return {std::move(base)};
  }
  std::vector<Command> commands;
  for (CausedCommand& caused : reactions_.commands(*message, meta_of(envelope))) {
    Command command = base;
    command.cause.mutable_event()->mutable_mark()->set_k(caused.k);
    command.target = std::move(caused.target);
    command.message = std::move(caused.message);
    command.ignorable = std::move(caused.ignorable);
    commands.push_back(std::move(command));
  }
  return commands;
}

void Inbox::add(const bus::ConsumedEvent& consumed) {
  Event event;
  event.next = consumed.next();
  event.recorded = to_instant(consumed.envelope.recorded_at());
  event.commands = commands_of(consumed);
  event.done.assign(event.commands.size(), false);
  event.open = event.commands.size();
  pending_ += event.open;
  if (TANDEM_TOOTH(kE05)) {
    progress_[consumed.source] = {consumed.source, event.next.offset, event.next.generation, event.next.n};
  }
  queues_[consumed.source].push_back(std::move(event));
  advance(consumed.source);
}

std::optional<Instant> Inbox::oldest() const {
  std::optional<Instant> oldest;
  for (const auto& [source, queue] : queues_) {
    if (!queue.empty() && (!oldest || queue.front().recorded < *oldest)) oldest = queue.front().recorded;
  }
  return oldest;
}

void Inbox::collect(std::vector<Command>& batch, size_t limit) {
  collected_.clear();
  for (auto& [source, queue] : queues_) {
    for (size_t e = 0; e < queue.size() && batch.size() < limit; e++) {
      for (size_t c = 0; c < queue[e].commands.size(); c++) {
        if (queue[e].done[c]) continue;
        batch.push_back(queue[e].commands[c]);
        collected_.push_back({source, e, c});
      }
    }
  }
}

void Inbox::settle(std::span<const Outcome> outcomes) {
  faulty_ = false;
  std::set<Source> touched;
  for (size_t i = 0; i < outcomes.size(); i++) {
    const Collected& at = collected_[i];
    touched.insert(at.source);
    if (outcomes[i].kind == Outcome::Kind::kFailed) {
      faulty_ = true;
      if (outcomes[i].rewind) rewinds_.insert(at.source);
      continue;
    }
    Event& event = queues_[at.source][at.event];
    event.done[at.command] = true;
    event.open--;
    pending_--;
  }
  collected_.clear();
  for (const Source& source : touched) advance(source);
}

void Inbox::advance(const Source& source) {
  std::deque<Event>& queue = queues_[source];
  while (!queue.empty() && queue.front().open == 0) {
    const bus::Cursor& next = queue.front().next;
    progress_[source] = {source, next.offset, next.generation, next.n};
    queue.pop_front();
  }
}

std::set<Source> Inbox::take_rewinds() { return std::exchange(rewinds_, {}); }

std::set<Source> Inbox::drop(const std::set<Source>& sources) {
  std::set<Source> dropped;
  for (const Source& source : sources) {
    auto queue = queues_.find(source);
    if (queue == queues_.end()) continue;
    if (!queue->second.empty()) dropped.insert(source);
    for (const Event& event : queue->second) {
      pending_ -= event.open;
      if (TANDEM_TOOTH(kX06)) progress_[source] = {source, event.next.offset, event.next.generation, event.next.n};
    }
    queues_.erase(queue);
  }
  return dropped;
}

void Inbox::drop_all() {
  queues_.clear();
  collected_.clear();
  rewinds_.clear();
  progress_.clear();
  pending_ = 0;
}

std::vector<Place> Inbox::take_progress() {
  std::vector<Place> places;
  for (auto& [source, place] : std::exchange(progress_, {})) places.push_back(std::move(place));
  return places;
}

}  // namespace tandem::runtime
