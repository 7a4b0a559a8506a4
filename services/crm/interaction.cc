#include "services/crm/interaction.h"

#include "services/crm/customer.h"
#include "shared/aggregate/convert.h"

namespace tandem::crm {

Decision Interaction::decide(const State& s, const v1::RecordInteraction& c, const Context& ctx) {
  if (!s.interaction().empty()) return nothing();
  v1::InteractionRecorded e;
  e.set_interaction(ctx.id());
  e.set_customer(c.customer());
  e.set_kind(c.kind());
  e.set_subject(c.subject());
  e.set_summary(c.summary());
  *e.mutable_happened_at() = to_timestamp(ctx.occurred_at());
  e.set_actor(c.actor());
  return e;
}

Decision Interaction::decide(const State& s, const v1::AddNote& c, const Context& ctx) {
  if (!s.interaction().empty()) return nothing();
  if (ctx.find<Customer>(c.customer()) == nullptr) {
    return reject(Code::kNotFound, "customer", "\"" + c.customer() + "\" is not known", "see ListCustomers");
  }
  if (c.note().text().empty()) return reject(Code::kInvalidArgument, "note.text", "is empty", "write something");
  v1::InteractionRecorded e;
  e.set_interaction(ctx.id());
  e.set_customer(c.customer());
  e.set_kind("note");
  e.set_subject(c.subject());
  e.set_summary("note");
  *e.mutable_happened_at() = to_timestamp(ctx.occurred_at());
  e.set_actor(ctx.caller().shown());
  *e.mutable_note() = c.note();
  return e;
}

References Interaction::references(const v1::AddNote& c) { return {ref<Customer>(c.customer())}; }

void Interaction::evolve(State& s, const v1::InteractionRecorded& e, const EventMeta& meta) {
  s.set_interaction(e.interaction());
  s.set_customer(e.customer());
  s.set_kind(e.kind());
  s.set_subject(e.subject());
  s.set_summary(e.summary());
  *s.mutable_happened_at() = e.happened_at();
  s.set_actor(e.actor());
  if (e.has_note()) *s.mutable_note() = e.note();
  *s.mutable_recorded_at() = to_timestamp(meta.recorded_at);
}

Indexes Interaction::indexes(const State& s) {
  return {order_key(to_instant(s.happened_at())), {{"customer", s.customer()}, {"kind", s.kind()}}};
}

}  // namespace tandem::crm
