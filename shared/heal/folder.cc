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

FoldedRequest remember(const exchange::v1::Envelope& envelope) {
  const exchange::v1::RequestCause& request = envelope.cause().request();
  FoldedRequest folded;
  folded.request_id = request.request_id();
  folded.reply.fingerprint = request.fingerprint();
  folded.reply.bytes = serialize(committed_result(envelope, envelope.position().generation()));
  folded.reply.n = envelope.position().number();
  folded.expires = to_instant(envelope.recorded_at()) + kRequestLifetime;
  return folded;
}

}  // namespace

struct Folder::Changes {
  FoldedEvents folded;
  std::set<AggregateRef> touched;
  std::map<Source, MarkValue> marks;
};

Result<FoldedEvents> Folder::fold(std::span<const bus::EventRecord> events, const Load& load) {
  TANDEM_RETURN_IF_ERROR(bring(events, load));
  Changes changes;
  changes.folded.from = events.front().envelope.position().number() - 1;
  changes.folded.to = events.back().envelope.position().number();
  for (const bus::EventRecord& event : events) TANDEM_RETURN_IF_ERROR(apply(event, changes));
  changes.folded.marks.assign(changes.marks.begin(), changes.marks.end());
  if (memory_ == Memory::kAll) return std::move(changes.folded);
  for (const AggregateRef& ref : changes.touched) {
    const Instance& instance = instances_.at(ref);
    changes.folded.aggregates.push_back({ref, {instance.version(), instance.bytes()}});
  }
  if (instances_.size() > kMaxInstances) instances_.clear();
  return std::move(changes.folded);
}

const Instance* Folder::find(const AggregateRef& ref) const {
  const auto found = instances_.find(ref);
  return found == instances_.end() ? nullptr : &found->second;
}

std::vector<AggregateRef> Folder::aggregates() const {
  std::vector<AggregateRef> all;
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

Result<std::unique_ptr<Message>> Folder::parse(const bus::EventRecord& event) const {
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
  std::unique_ptr<Message> message(prototype->New());
  if (!message->ParseFromString(event.payload)) return damaged(event.envelope, "has a payload that cannot be read");
  return message;
}

Status Folder::apply(const bus::EventRecord& event, Changes& changes) {
  const exchange::v1::Envelope& envelope = event.envelope;
  TANDEM_ASSIGN_OR_RETURN(const auto message, parse(event));
  const AggregateRef ref = ref_of(envelope);
  TANDEM_ASSIGN_OR_RETURN(Instance::Effects effects, instances_.at(ref).apply(envelope, *message));
  changes.touched.insert(ref);
  FoldedEvents& folded = changes.folded;
  std::move(effects.indexes.begin(), effects.indexes.end(), std::back_inserter(folded.indexes));
  std::move(effects.timers.begin(), effects.timers.end(), std::back_inserter(folded.timers));
  const auto note = [&](const exchange::v1::Mark& mark) {
    changes.marks[{mark.service(), mark.partition()}] = {mark.number(), mark.k()};
  };
  for (const exchange::v1::Mark& mark : envelope.carried_marks()) note(mark);
  if (envelope.cause().has_event()) note(envelope.cause().event().mark());
  if (envelope.cause().has_request() && !TANDEM_TOOTH(kW08)) folded.requests.push_back(remember(envelope));
  return {};
}

}  // namespace tandem::heal
