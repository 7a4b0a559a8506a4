#include "shared/aggregate/instance.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <string>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/indexing.h"
#include "shared/base/teeth.h"

namespace tandem {
namespace {

using google::protobuf::Message;

std::vector<TimerChange> timer_changes(const AggregateRef& ref, const Timers& before, const Timers& after) {
  std::vector<TimerChange> changes;
  const auto named = [](const Timers& timers, const std::string& name) {
    return std::find_if(timers.begin(), timers.end(), [&](const Timer& t) { return t.name == name; });
  };
  for (const Timer& timer : before) {
    if (named(after, timer.name) == after.end()) changes.push_back({{ref, timer.name}, std::nullopt});
  }
  for (const Timer& timer : after) {
    auto old = named(before, timer.name);
    if (old == before.end() || old->due != timer.due) changes.push_back({{ref, timer.name}, timer.due});
  }
  return changes;
}

}  // namespace

std::string serialize(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

int find_parked(const google::protobuf::RepeatedPtrField<exchange::v1::ParkedCommand>& parked, const std::string& id) {
  for (int i = 0; i < parked.size(); i++) {
    if (parked.Get(i).id() == id) return i;
  }
  return -1;
}

type::v1::CommandResult committed_result(const exchange::v1::Envelope& envelope, uint64_t generation) {
  type::v1::CommandResult result;
  result.set_subject(envelope.aggregate_id());
  result.set_event_type(envelope.event_type());
  result.set_event_id(envelope.event_id());
  *result.mutable_position() = envelope.position();
  result.mutable_position()->set_generation(generation);
  result.mutable_position()->clear_number();
  result.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_STORED);
  return result;
}

EventMeta meta_of(const exchange::v1::Envelope& envelope) {
  return {envelope.event_id(), envelope.event_type(), AggregateRef{envelope.aggregate_type(), envelope.aggregate_id()},
          to_instant(envelope.occurred_at()), to_instant(envelope.recorded_at())};
}

Instance::Instance(const AggregateType* type, AggregateRef ref) : type_(type), ref_(std::move(ref)) {
  if (type_) state_.reset(type_->state_prototype->New());
}

Result<Instance> Instance::parse(const AggregateType* type, AggregateRef ref, const Stored& stored) {
  Instance instance(type, std::move(ref));
  if (stored.version.empty()) return instance;
  instance.version_ = stored.version;
  const bool good = instance.stored_.ParseFromString(stored.bytes) &&
                    (!type || instance.state_->ParseFromString(instance.stored_.state()));
  if (!good) {
    return make_error(Code::kDataLoss, "the stored bytes of " + instance.ref_.type + " " + instance.ref_.id +
                                           " cannot be read; rebuild the service from its log");
  }
  instance.has_state_ = !instance.stored_.state().empty();
  instance.stored_.clear_state();
  return instance;
}

std::optional<Indexes> Instance::indexes() const {
  if (!type_ || !has_state_) return std::nullopt;
  return type_->indexes(*state_);
}

Timers Instance::timers() const { return type_ && has_state_ ? type_->timers(*state_) : Timers{}; }

std::vector<IndexEntry> Instance::parked_entry() const {
  if (stored_.parked().empty()) return {};
  return {{order_key(to_instant(stored_.parked(0).parked_at())), ref_.type + "/" + ref_.id}};
}

Status Instance::evolve(const exchange::v1::Envelope& envelope, const Message& event) {
  if (!envelope.unparked().empty()) {
    const int place = find_parked(stored_.parked(), envelope.unparked());
    if (place < 0 || (place > 0 && !TANDEM_TOOTH(kX02))) {
      return make_error(Code::kDataLoss,
                        "event " + envelope.event_id() + " takes a parked command that is not the first");
    }
    stored_.mutable_parked()->DeleteSubrange(place, 1);
  }
  if (event.GetDescriptor() == exchange::v1::CommandParked::descriptor()) {
    *stored_.add_parked() = static_cast<const exchange::v1::CommandParked&>(event).command();
    return {};
  }
  if (event.GetDescriptor()->file() == exchange::v1::CommandParked::descriptor()->file()) return {};
  const auto rules = type_ ? type_->events.find(envelope.event_type()) : decltype(type_->events.end()){};
  if (!type_ || rules == type_->events.end()) {
    return make_error(Code::kDataLoss, "event " + envelope.event_id() + " of type " + envelope.event_type() +
                                           " is not one of aggregate " + ref_.type);
  }
  rules->second.evolve(*state_, event, meta_of(envelope));
  has_state_ = true;
  return {};
}

Status Instance::fold(const exchange::v1::Envelope& envelope, const Message& event) {
  TANDEM_RETURN_IF_ERROR(evolve(envelope, event));
  version_ = envelope.version();
  return {};
}

Result<Instance::Effects> Instance::apply(const exchange::v1::Envelope& envelope, const Message& event) {
  const std::optional<Indexes> indexes_before = indexes();
  const Timers timers_before = timers();
  const std::vector<IndexEntry> parked_before = parked_entry();
  TANDEM_RETURN_IF_ERROR(fold(envelope, event));

  Effects effects;
  if (has_state_) {
    effects.indexes = index_changes(ref_.type, ref_.id, indexes_before, indexes());
    effects.timers = timer_changes(ref_, timers_before, timers());
  }
  const std::vector<IndexEntry> parked_after = parked_entry();
  if (parked_before != parked_after) {
    for (const IndexEntry& e : parked_before) {
      effects.indexes.push_back({std::string(kParkedIndex), e.order, e.id, false});
    }
    for (const IndexEntry& e : parked_after) {
      effects.indexes.push_back({std::string(kParkedIndex), e.order, e.id, true});
    }
  }
  return effects;
}

Instance::Effects Instance::derived() const {
  Effects derived;
  if (has_state_) {
    derived.indexes = index_changes(ref_.type, ref_.id, std::nullopt, indexes());
    derived.timers = timer_changes(ref_, {}, timers());
  }
  for (const IndexEntry& e : parked_entry()) {
    derived.indexes.push_back({std::string(kParkedIndex), e.order, e.id, true});
  }
  return derived;
}

std::string Instance::bytes() const {
  exchange::v1::StoredAggregate whole = stored_;
  if (has_state_) whole.set_state(serialize(*state_));
  return serialize(whole);
}

}  // namespace tandem
