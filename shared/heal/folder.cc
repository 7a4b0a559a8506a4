#include "shared/heal/folder.h"

#include <set>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/teeth.h"

namespace tandem::heal {
namespace {

using google::protobuf::Message;

// Aggregates kept in memory, so that the next events of them need not load them again.
constexpr size_t kMaxInstances = 20'000;

AggregateRef ref_of(const exchange::v1::Envelope& envelope) {
  return {envelope.aggregate_type(), envelope.aggregate_id()};
}

Error damaged(const exchange::v1::Envelope& envelope, const std::string& why) {
  return make_error(Code::kDataLoss, "event " + envelope.event_id() + " (number " +
                                         std::to_string(envelope.position().number()) + ", " + envelope.event_type() +
                                         ") " + why);
}

// The exchange's own events, which every aggregate knows.
const Message* exchange_event(std::string_view type) {
  static const Message* const kEvents[] = {&exchange::v1::CommandParked::default_instance(),
                                           &exchange::v1::ParkedCommandDiscarded::default_instance(),
                                           &exchange::v1::ParkedCommandSettled::default_instance()};
  for (const Message* event : kEvents) {
    if (event->GetDescriptor()->full_name() == type) return event;
  }
  return nullptr;
}

Instant forgotten_at(const exchange::v1::Envelope& envelope) {
  return to_instant(envelope.recorded_at()) + kRequestLifetime;
}

FoldedRequest remember(const exchange::v1::Envelope& envelope) {
  const exchange::v1::RequestCause& request = envelope.cause().request();
  FoldedRequest folded;
  folded.request_id = request.request_id();
  folded.reply.fingerprint = request.fingerprint();
  folded.reply.bytes = serialize(committed_result(envelope, envelope.position().generation()));
  folded.reply.n = envelope.position().number();
  folded.expires = forgotten_at(envelope);
  return folded;
}

}  // namespace

struct Folder::Changes {
  Instant now{};
  FoldedEvents folded;
  std::set<AggregateRef> touched;
  std::map<Source, MarkValue> marks;
};

Result<FoldedEvents> Folder::fold(std::span<const bus::EventRecord> events, const Load& load, Instant now) {
  if (memory_ == Memory::kSome) TANDEM_RETURN_IF_ERROR(bring(events, load));
  Changes changes;
  changes.now = now;
  changes.folded.from = events.front().envelope.position().number() - 1;
  changes.folded.to = events.back().envelope.position().number();
  for (const bus::EventRecord& event : events) TANDEM_RETURN_IF_ERROR(apply(event, changes));
  changes.folded.marks.assign(changes.marks.begin(), changes.marks.end());
  for (const AggregateRef& ref : changes.touched) {
    const Instance& instance = instances_.at(ref);
    changes.folded.aggregates.push_back({ref, {instance.version(), instance.bytes()}});
  }
  if (memory_ == Memory::kSome && instances_.size() > kMaxInstances) instances_.clear();
  return std::move(changes.folded);
}

const Instance* Folder::find(const AggregateRef& ref) const {
  const auto found = instances_.find(ref);
  return found == instances_.end() ? nullptr : &found->second;
}

std::vector<AggregateRef> Folder::aggregates() const {
  std::vector<AggregateRef> all;
  all.reserve(instances_.size());
  for (const auto& [ref, instance] : instances_) all.push_back(ref);
  return all;
}

Status Folder::bring(std::span<const bus::EventRecord> events, const Load& load) {
  std::set<AggregateRef> missing;
  for (const bus::EventRecord& event : events) {
    AggregateRef ref = ref_of(event.envelope);
    if (!instances_.contains(ref)) missing.insert(std::move(ref));
  }
  if (missing.empty()) return {};
  const std::vector<AggregateRef> refs(missing.begin(), missing.end());
  TANDEM_ASSIGN_OR_RETURN(const std::vector<Stored> stored, load(refs));
  for (size_t i = 0; i < refs.size(); ++i) {
    TANDEM_ASSIGN_OR_RETURN(Instance instance, Instance::parse(registry_.find(refs[i].type), refs[i], stored[i]));
    instances_.emplace(refs[i], std::move(instance));
  }
  return {};
}

Result<const Message*> Folder::parse(const bus::EventRecord& event) {
  const std::string& type = event.envelope.event_type();
  const Message* prototype = exchange_event(type);
  if (prototype == nullptr) {
    const AggregateType* aggregate = registry_.find(event.envelope.aggregate_type());
    if (aggregate == nullptr) {
      return damaged(event.envelope, "is of an aggregate \"" + event.envelope.aggregate_type() +
                                         "\" that this service does not know; use the release that wrote it, or a "
                                         "later one");
    }
    const auto rules = aggregate->events.find(type);
    if (rules == aggregate->events.end()) {
      return damaged(event.envelope, "is not an event of aggregate " + aggregate->name +
                                         "; use the release that wrote it, or a later one");
    }
    prototype = rules->second.prototype;
  }
  std::unique_ptr<Message>& message = parsed_[prototype];
  if (!message) message.reset(prototype->New());
  if (!message->ParseFromString(event.payload)) return damaged(event.envelope, "has a payload that cannot be read");
  return message.get();
}

Status Folder::fold_only(const bus::EventRecord& event) {
  TANDEM_ASSIGN_OR_RETURN(const Message* message, parse(event));
  AggregateRef ref = ref_of(event.envelope);
  auto at = instances_.find(ref);
  if (at == instances_.end()) {
    Instance fresh(registry_.find(ref.type), ref);
    at = instances_.emplace(std::move(ref), std::move(fresh)).first;
  }
  return at->second.fold(event.envelope, *message);
}

Status Folder::say_effects(const bus::EventRecord& event, Changes& changes) {
  TANDEM_ASSIGN_OR_RETURN(const Message* message, parse(event));
  AggregateRef ref = ref_of(event.envelope);
  TANDEM_ASSIGN_OR_RETURN(Instance::Effects effects, instances_.at(ref).apply(event.envelope, *message));
  changes.touched.insert(std::move(ref));
  FoldedEvents& folded = changes.folded;
  std::move(effects.indexes.begin(), effects.indexes.end(), std::back_inserter(folded.indexes));
  std::move(effects.timers.begin(), effects.timers.end(), std::back_inserter(folded.timers));
  return {};
}

Status Folder::apply(const bus::EventRecord& event, Changes& changes) {
  const exchange::v1::Envelope& envelope = event.envelope;
  TANDEM_RETURN_IF_ERROR(memory_ == Memory::kAll ? fold_only(event) : say_effects(event, changes));
  const auto note = [&](const exchange::v1::Mark& mark) {
    changes.marks[{mark.service(), mark.partition()}] = {mark.number(), mark.k()};
  };
  for (const exchange::v1::Mark& mark : envelope.carried_marks()) note(mark);
  if (envelope.cause().has_event()) note(envelope.cause().event().mark());
  const bool remembered = envelope.cause().has_request() && forgotten_at(envelope) > changes.now;
  if (remembered && !TANDEM_TOOTH(kW08)) changes.folded.requests.push_back(remember(envelope));
  return {};
}

}  // namespace tandem::heal
