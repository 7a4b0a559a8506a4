// The decide step of a round: every open command is judged on the state in memory, and what is to be stored is planned.
#include <algorithm>
#include <utility>

#include "shared/aggregate/batch.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/healing.h"
#include "shared/base/ids.h"
#include "shared/base/teeth.h"

namespace tandem {
namespace {

using google::protobuf::Message;

// What the ids derive from that a command creates: the same cause, the same ids.
std::string seed_of(const exchange::v1::EventCause& cause) {
  return cause.event_id() + "#" + std::to_string(cause.mark().k());
}

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

bool Batch::settled_by_request(Item& item) {
  if (!item.reply) return false;
  Outcome outcome = remembered(*item.command, *item.reply, generations_.at(item.shard));
  // What this very batch has done is no repetition.
  if (item.outcome_unknown) outcome.result.clear_repeated();
  finish(item, std::move(outcome));
  return true;
}

bool Batch::settled_by_mark(Item& item) {
  const auto source = source_of(*item.command);
  if (!source) return false;
  const MarkKey key{item.shard, *source};
  if (stopped_.count(key)) {
    fail(item, make_error(Code::kUnavailable, "an earlier command of the same source has to be applied first"));
    return true;
  }
  if (held_.count(key)) return true;
  if (marks_[key] < mark_of(*item.command)) return false;
  Outcome outcome;
  outcome.kind = Outcome::Kind::kDuplicate;
  finish(item, std::move(outcome));
  return true;
}

void Batch::decide(Item& item) {
  if (settled_by_request(item) || settled_by_mark(item)) return;
  const Command& command = *item.command;
  Instance& instance = instances_.at(command.target);
  if (command.unpark) return decide_unpark(item, instance);
  if (command.cause.has_event()) return decide_caused(item, instance);
  if (command.cause.has_timer() && !message_of(item, instance, nullptr)) {
    return plan_nothing(item, instance, Outcome::Kind::kUnchanged);
  }
  carry_out(item, instance);
}

void Batch::decide_caused(Item& item, Instance& instance) {
  if (!item.command->message) {
    return plan_parking(
        item, instance,
        reject(Code::kDataLoss, "payload", "cannot be decoded", "discard it, and let its source publish it again"));
  }
  if (!instance.parked().empty()) {
    return plan_parking(item, instance,
                        reject(Code::kFailedPrecondition, "aggregate", "has parked commands before it",
                               "retry or discard those first"));
  }
  carry_out(item, instance);
}

void Batch::carry_out(Item& item, Instance& instance) {
  const std::optional<Decision> decision = judge(item, instance, nullptr);
  if (!decision) return item.done ? void() : hold(item);
  if (item.command->validate_only) return validate(item, instance, *decision);
  if (decision->is_event()) return plan_event(item, instance, decision->event(), {});
  if (decision->is_nothing()) return plan_nothing(item, instance, Outcome::Kind::kUnchanged);
  plan_rejection(item, instance, decision->rejection());
}

void Batch::validate(Item& item, const Instance& instance, const Decision& decision) {
  if (decision.is_rejection()) {
    report_.rejections++;
    return fail(item, decision.rejection());
  }
  Outcome outcome;
  outcome.kind = Outcome::Kind::kValidated;
  outcome.result.set_subject(instance.ref().id);
  if (decision.is_event()) {
    outcome.result.set_event_type(decision.event().GetDescriptor()->full_name());
  } else {
    outcome.result.set_unchanged(true);
  }
  finish(item, std::move(outcome));
}

// Not decided in this round, and nothing of the same source leaps over it.
void Batch::hold(Item& item) {
  if (auto source = source_of(*item.command)) held_.insert({item.shard, *source});
}

void Batch::decide_unpark(Item& item, Instance& instance) {
  const Command::Unpark& unpark = *item.command->unpark;
  const int place = TANDEM_TOOTH(kX02) ? std::max(0, find_parked(instance.parked(), unpark.parked_id)) : 0;
  if (instance.parked().empty() || instance.parked().Get(place).id() != unpark.parked_id) {
    return fail(item, reject(Code::kFailedPrecondition, "command", "is not the first parked one of its aggregate",
                             "list the parked commands and take the first"));
  }
  const exchange::v1::ParkedCommand parked = instance.parked().Get(place);
  if (unpark.discard) {
    exchange::v1::ParkedCommandDiscarded event;
    event.set_command(parked.id());
    event.set_reason(unpark.reason);
    return plan_event(item, instance, event, parked.id());
  }
  const std::optional<Decision> decision = judge(item, instance, &parked);
  if (!decision) return item.done ? void() : hold(item);
  if (decision->is_rejection()) return fail(item, decision->rejection());
  if (decision->is_event()) return plan_event(item, instance, decision->event(), parked.id());
  exchange::v1::ParkedCommandSettled event;
  event.set_command(parked.id());
  plan_event(item, instance, event, parked.id());
}

std::shared_ptr<const Message> Batch::message_of(const Item& item, const Instance& instance,
                                                 const exchange::v1::ParkedCommand* parked) {
  const Command& command = *item.command;
  if (parked) {
    if (!instance.type()) return nullptr;
    auto rules = instance.type()->commands.find(parked->command_type());
    if (rules == instance.type()->commands.end()) return nullptr;
    std::shared_ptr<Message> message(rules->second.prototype->New());
    return message->ParseFromString(parked->payload()) ? message : nullptr;
  }
  if (!command.cause.has_timer()) return command.message;
  // A timer's command is dropped unless the state still names it with that time.
  for (const Timer& timer : instance.timers()) {
    if (timer.name == command.cause.timer().name() && timer.due == to_instant(command.cause.timer().due())) {
      return timer.command;
    }
  }
  return nullptr;
}

std::optional<Decision> Batch::judge(Item& item, const Instance& instance, const exchange::v1::ParkedCommand* parked) {
  const auto message = message_of(item, instance, parked);
  if (!message || !instance.type()) {
    return reject(Code::kFailedPrecondition, "payload", "cannot be decoded",
                  "discard it, and let its source publish it again");
  }
  auto rules = instance.type()->commands.find(message->GetDescriptor()->full_name());
  if (rules == instance.type()->commands.end()) {
    return reject(Code::kInternal, "command", "is not one of " + instance.ref().type, "report this as a bug");
  }
  Context context = context_of(item, instance, parked);
  if (rules->second.references) item.references = rules->second.references(*message);
  if (rules->second.state_references) {
    for (AggregateRef& ref : rules->second.state_references(instance.state(), *message)) {
      item.references.push_back(std::move(ref));
    }
  }
  for (const AggregateRef& ref : item.references) {
    const Result<bool> offered = offer_reference(context, ref);
    if (!offered.ok()) fail(item, offered.error());
    if (!offered.ok() || !*offered) return std::nullopt;
  }
  return rules->second.decide(instance.state(), *message, context);
}

// False if it is not loaded: an earlier command of the batch has just made the state name it.
Result<bool> Batch::offer_reference(Context& context, const AggregateRef& ref) {
  auto known = references_.find(ref);
  if (known == references_.end()) {
    auto stored = stored_.find(ref);
    if (stored == stored_.end()) return false;
    if (const uint32_t shard = engine_.shard_of(ref); generations_.at(shard) == 0) return not_serving(shard);
    Reference reference;
    TANDEM_ASSIGN_OR_RETURN(Instance parsed, Instance::parse(engine_.registry_.find(ref.type), ref, stored->second));
    if (parsed.has_state()) {
      reference.version = parsed.version();
      reference.state = parsed.take_state();
    }
    known = references_.emplace(ref, std::move(reference)).first;
  }
  context.references_[ref] = known->second.state;
  return true;
}

Context Batch::context_of(const Item& item, const Instance& instance, const exchange::v1::ParkedCommand* parked) const {
  const Command& command = *item.command;
  Context context;
  context.now_ = now_;
  context.occurred_at_ = command.occurred_at == Instant{} ? now_ : command.occurred_at;
  context.caller_ = command.caller;
  context.id_ = instance.ref().id;
  if (parked) {
    context.occurred_at_ = to_instant(parked->occurred_at());
    context.cause_event_ = parked->cause().event_id();
    context.seed_ = seed_of(parked->cause());
  } else if (command.cause.has_event()) {
    context.cause_event_ = command.cause.event().event_id();
    context.seed_ = seed_of(command.cause.event());
  } else if (command.cause.has_request()) {
    context.seed_ = "request:" + command.cause.request().request_id();
  } else {
    const auto& timer = command.cause.timer();
    context.seed_ = "timer:" + timer.name() + "@" + std::to_string(to_micros(to_instant(timer.due())));
  }
  return context;
}

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
  report_.rejections++;
  const Command& command = *item.command;
  if (command.cause.has_request()) return fail(item, rejection);
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
