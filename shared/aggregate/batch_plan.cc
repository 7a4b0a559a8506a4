// What a decision comes to: the commit that stores it, with event, envelope, reply, mark and timers.
#include <algorithm>
#include <utility>

#include "shared/aggregate/batch.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "shared/base/teeth.h"

namespace tandem {
namespace {

using google::protobuf::Message;

// The teeth W13, W14 and X01: what a version must not be.
std::string counted(const std::string& version) {
  std::string next = std::to_string(version.empty() ? 1 : std::stoull(version) + 1);
  return std::string(16 - next.size(), '0') + next;
}

std::string derived(const exchange::v1::Cause& cause) { return derive_id("version", {serialize(cause)}).substr(0, 16); }

exchange::v1::Rejection to_proto(const Error& error) {
  exchange::v1::Rejection proto;
  proto.set_code(code_name(error.code));
  if (error.violations.empty()) {
    proto.set_reason(error.message);
    return proto;
  }
  proto.set_field(error.violations.front().field);
  proto.set_reason(error.violations.front().reason);
  proto.set_remedy(error.violations.front().remedy);
  return proto;
}

}  // namespace

exchange::v1::Envelope Batch::envelope_of(const Item& item, const Instance& instance, const Message& event) const {
  const Command& command = *item.command;
  exchange::v1::Envelope envelope;
  envelope.set_installation(engine_.options_.installation);
  envelope.mutable_position()->set_service(engine_.options_.service);
  envelope.mutable_position()->set_shard(item.shard);
  const std::string token = fresh_token(engine_.chance_);
  envelope.set_version(token);
  if (TANDEM_TOOTH(kW13) || TANDEM_TOOTH(kW14)) envelope.set_version(counted(instance.version()));
  if (TANDEM_TOOTH(kX01)) envelope.set_version(derived(command.cause));
  envelope.set_event_id(engine_.options_.service + "-" + std::to_string(item.shard) + "-" + token);
  envelope.set_event_type(event.GetDescriptor()->full_name());
  envelope.set_aggregate_type(instance.ref().type);
  envelope.set_aggregate_id(instance.ref().id);
  *envelope.mutable_cause() = command.cause;
  *envelope.mutable_occurred_at() = to_timestamp(command.occurred_at == Instant{} ? now_ : command.occurred_at);
  *envelope.mutable_recorded_at() = to_timestamp(now_);
  envelope.set_traceparent(command.traceparent);
  if (!command.caller.name.empty() || !command.caller.role.empty()) {
    envelope.mutable_caller()->set_name(command.caller.name);
    envelope.mutable_caller()->set_role(command.caller.role);
  }
  return envelope;
}

Commit Batch::new_commit(const Item& item, const Instance& instance) const {
  const Command& command = *item.command;
  Commit commit;
  commit.shard = item.shard;
  commit.generation = generations_.at(item.shard);
  if (command.cause.has_request()) {
    commit.request_id = command.cause.request().request_id();
    commit.fingerprint = command.cause.request().fingerprint();
  }
  if (auto source = source_of(command)) {
    commit.mark = MarkMove{*source, marks_.at({item.shard, *source}), mark_of(command)};
  }
  commit.aggregate = instance.ref();
  commit.expected_version = TANDEM_TOOTH(kX03) && command.cause.has_timer() ? "*" : instance.version();
  return commit;
}

void Batch::plan_event(Item& item, Instance& instance, const Message& event, const std::string& unparked) {
  Commit commit = new_commit(item, instance);
  exchange::v1::OutboxRecord record;
  exchange::v1::Envelope& envelope = *record.mutable_envelope();
  envelope = envelope_of(item, instance, event);
  envelope.set_unparked(unparked);
  if (TANDEM_TOOTH(kE03)) envelope.mutable_position()->set_generation(commit.generation);
  if (!unparked.empty()) {
    const auto& parked = instance.parked().Get(0);
    if (parked.has_occurred_at()) *envelope.mutable_occurred_at() = parked.occurred_at();
  }
  for (const AggregateRef& ref : item.references) {
    auto* reference = envelope.add_references();
    reference->set_aggregate_type(ref.type);
    reference->set_aggregate_id(ref.id);
    reference->set_version(references_.at(ref).version);
  }
  record.set_payload(serialize(event));
  commit.change.emplace();
  commit.change->outbox_record = serialize(record);
  // A parked command is smaller than the event that caused it, which has passed here: it is always let through.
  const bool parking = event.GetDescriptor() == exchange::v1::CommandParked::descriptor();
  if (!parking && commit.change->outbox_record.size() > engine_.options_.max_event_bytes) {
    return plan_rejection(item, instance,
                          reject(Code::kInvalidArgument, "command", "makes an event that is too large to be published",
                                 "send less than " + std::to_string(engine_.options_.max_event_bytes) + " bytes"));
  }
  Result<Instance::Effects> effects = instance.apply(envelope, event);
  if (!effects.ok()) return fail(item, effects.error());
  commit.change->version = envelope.version();
  commit.change->bytes = instance.bytes();
  commit.change->indexes = std::move(effects->indexes);
  commit.timers = std::move(effects->timers);

  item.if_committed = {};
  item.if_committed.kind = Outcome::Kind::kCommitted;
  item.if_committed.result = committed_result(envelope, commit.generation);
  item.if_committed.generation = commit.generation;
  if (!commit.request_id.empty()) commit.reply = serialize(item.if_committed.result);
  if (commit.mark) marks_[{item.shard, commit.mark->source}] = commit.mark->to;
  item.planned = std::move(commit);
}

void Batch::plan_nothing(Item& item, const Instance& instance, Outcome::Kind kind) {
  Commit commit = new_commit(item, instance);
  if (item.command->cause.has_timer()) {
    // The one that fired is over. Not the one of that name that the state may have set anew since it was found due.
    const std::string& name = item.command->cause.timer().name();
    std::optional<Instant> next;
    for (const Timer& timer : instance.timers()) {
      if (timer.name == name && timer.due != to_instant(item.command->cause.timer().due())) next = timer.due;
    }
    commit.timers.push_back({{instance.ref(), name}, next});
  }
  item.if_committed = {};
  item.if_committed.kind = kind;
  item.if_committed.result.set_subject(instance.ref().id);
  item.if_committed.result.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_STORED);
  item.if_committed.result.set_unchanged(true);
  if (!commit.request_id.empty()) commit.reply = serialize(item.if_committed.result);
  if (commit.mark) marks_[{item.shard, commit.mark->source}] = commit.mark->to;
  item.planned = std::move(commit);
}

void Batch::plan_rejection(Item& item, Instance& instance, const Error& rejection) {
  const Command& command = *item.command;
  if (command.cause.has_request()) return refuse(item, instance, rejection);
  report_.rejections++;
  if (command.cause.has_timer()) {
    plan_nothing(item, instance, Outcome::Kind::kIgnored);
    item.if_committed.error = rejection;
    return;
  }
  if (std::find(command.ignorable.begin(), command.ignorable.end(), rejection.code) != command.ignorable.end()) {
    plan_nothing(item, instance, Outcome::Kind::kIgnored);
    item.if_committed.error = rejection;
    return;
  }
  plan_parking(item, instance, rejection);
}

void Batch::plan_parking(Item& item, Instance& instance, const Error& reason) {
  const Command& command = *item.command;
  exchange::v1::CommandParked event;
  exchange::v1::ParkedCommand& parked = *event.mutable_command();
  parked.set_id(derive_id("parked", {seed_of(command.cause.event()), instance.ref().type, instance.ref().id}));
  if (command.message) {
    parked.set_command_type(command.message->GetDescriptor()->full_name());
    parked.set_payload(serialize(*command.message));
  } else {
    parked.set_payload(command.undecodable);
  }
  *parked.mutable_cause() = command.cause.event();
  *parked.mutable_occurred_at() = to_timestamp(command.occurred_at);
  parked.set_traceparent(command.traceparent);
  *parked.mutable_reason() = to_proto(reason);
  *parked.mutable_parked_at() = to_timestamp(now_);
  plan_event(item, instance, event, {});
  item.if_committed.kind = Outcome::Kind::kParked;
  item.if_committed.error = reason;
}

}  // namespace tandem
