// The decide step of a round: every open command is judged on the state in memory.
#include <algorithm>
#include <utility>

#include "shared/aggregate/batch.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/healing.h"
#include "shared/base/ids.h"
#include "shared/base/teeth.h"

namespace tandem {

using google::protobuf::Message;

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
  if (decision.is_rejection()) return refuse(item, instance, decision.rejection());
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

// Nothing is stored of a refusal, so no commit checks what it stood on: on what an earlier command of the batch has
// only planned it must not stand. That may not come to be, or be this very request's other copy. It is decided in the
// next round, on what is stored then.
void Batch::refuse(Item& item, const Instance& instance, const Error& rejection) {
  if (instance.version() != stored_.at(instance.ref()).version) return;
  report_.rejections++;
  fail(item, rejection);
}

// Not decided in this round, and nothing of the same source leaps over it.
void Batch::hold(Item& item) {
  if (auto source = source_of(*item.command)) held_.insert({item.shard, *source});
}

void Batch::decide_unpark(Item& item, Instance& instance) {
  const Command::Unpark& unpark = *item.command->unpark;
  const int place = TANDEM_TOOTH(kX02) ? std::max(0, find_parked(instance.parked(), unpark.parked_id)) : 0;
  if (instance.parked().empty() || instance.parked().Get(place).id() != unpark.parked_id) {
    return refuse(item, instance,
                  reject(Code::kFailedPrecondition, "command", "is not the first parked one of its aggregate",
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
  if (decision->is_rejection()) return refuse(item, instance, decision->rejection());
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

std::string Batch::seed_of(const exchange::v1::EventCause& cause) {
  return cause.event_id() + "#" + std::to_string(cause.mark().k());
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

}  // namespace tandem
