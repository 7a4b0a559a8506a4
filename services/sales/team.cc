#include "services/sales/team.h"

#include <string>
#include <utility>

#include "services/sales/choice.h"
#include "services/sales/pipeline.h"
#include "services/sales/team_definition.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"

namespace tandem::sales {
namespace {

bool exists(const v1::Team& s) { return s.version() > 0; }

Error unknown_team() {
  return reject(Code::kNotFound, "team", "is not defined", "define it with DefineTeam, then try again");
}

v1::TeamDefined defined(const v1::Team& s, const Context& ctx, v1::TeamDefinition definition) {
  v1::TeamDefined e;
  e.set_team(ctx.id());
  *e.mutable_definition() = std::move(definition);
  e.set_version(s.version() + 1);
  return e;
}

// No map fields: equal messages have equal bytes.
bool same(const v1::TeamDefinition& a, const v1::TeamDefinition& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

const v1::MemberRotation* holder_of(const v1::Team& s, const std::string& lead) {
  const uint64_t key = stable_hash(lead);
  for (const auto& rotation : s.rotation()) {
    for (const uint64_t open : rotation.open_leads()) {
      if (open == key) return &rotation;
    }
  }
  return nullptr;
}

const v1::QueuedLead* find_queued(const v1::Team& s, const std::string& lead) {
  for (const auto& queued : s.queue()) {
    if (queued.lead().lead() == lead) return &queued;
  }
  return nullptr;
}

v1::MemberPicked picked(const v1::Team& s, const v1::LeadNeeds& lead, uint32_t hop, const Ids& excluded, Choice choice,
                        Instant now) {
  v1::MemberPicked e;
  e.set_team(s.team());
  *e.mutable_lead() = lead;
  e.set_member(choice.member->member());
  *e.mutable_considered() = std::move(choice.considered);
  e.set_hop(hop);
  e.set_max_hops(s.definition().max_hops());
  *e.mutable_deadline() = to_timestamp(working_deadline(*choice.member, now, accept_within(s.definition())));
  e.set_team_version(s.version());
  e.set_plan(choice.member->plan());
  e.set_manager(s.definition().manager());
  e.set_manager_plan(s.definition().manager_plan());
  e.set_pipeline(s.definition().pipeline());
  *e.mutable_excluded() = excluded;
  e.set_lead_unit(choice.lead_unit);
  return e;
}

v1::LeadQueued queued(const v1::Team& s, const v1::PickMember& c, Choice choice, std::string reason,
                      bool needs_person) {
  v1::LeadQueued e;
  e.set_team(s.team());
  *e.mutable_lead() = c.lead();
  *e.mutable_considered() = std::move(choice.considered);
  e.set_hop(c.hop());
  *e.mutable_excluded() = c.excluded();
  e.set_reason(std::move(reason));
  e.set_needs_person(needs_person);
  return e;
}

}  // namespace

References Team::references(const v1::DefineTeam& c) {
  if (c.definition().pipeline().empty()) return {};
  return {ref<Pipeline>(c.definition().pipeline())};
}

Decision Team::decide(const State& s, const v1::DefineTeam& c, const Context& ctx) {
  Violations violations;
  if (!is_slug(c.team())) {
    violations.add(Code::kInvalidArgument, "team", "is not a slug", "use letters, digits, - _ and . only");
  }
  check(c.definition(), violations);
  const std::string& pipeline = c.definition().pipeline();
  if (!pipeline.empty() && ctx.find<Pipeline>(pipeline) == nullptr) {
    violations.add(Code::kNotFound, "definition.pipeline", "\"" + pipeline + "\" is not defined",
                   "define it with DefinePipeline first");
  }
  if (!violations.empty()) return violations.take();
  if (exists(s) && same(s.definition(), c.definition())) return nothing();
  return defined(s, ctx, c.definition());
}

Decision Team::decide(const State& s, const v1::SetLeave& c, const Context& ctx) {
  if (!exists(s)) return unknown_team();
  if (acts_for_another(ctx.caller(), c.member())) {
    return reject(Code::kPermissionDenied, "member", "is somebody else", "set your own leave, or ask a sales manager");
  }
  Violations violations;
  if (find_member(s.definition(), c.member()) == nullptr) {
    add_unknown_member(s.definition(), s.team(), c.member(), "member", violations);
  }
  check_leave(c.leave(), "leave", violations);
  if (!violations.empty()) return violations.take();

  v1::TeamDefinition definition = s.definition();
  for (auto& member : *definition.mutable_members()) {
    if (member.member() == c.member()) *member.mutable_leave() = c.leave();
  }
  if (same(s.definition(), definition)) return nothing();
  return defined(s, ctx, std::move(definition));
}

Decision Team::decide(const State& s, const v1::PickMember& c, const Context& ctx) {
  if (!exists(s)) return unknown_team();
  const std::string& lead = c.lead().lead();
  const auto* holder = holder_of(s, lead);
  if (holder != nullptr && !contains(c.excluded(), holder->member())) return nothing();  // in somebody else's hands now
  if (find_queued(s, lead) != nullptr) return nothing();

  const uint32_t max_hops = s.definition().max_hops();
  if (c.hop() > max_hops) {
    const std::string had =
        "had " + std::to_string(c.hop() - 1) + " assignments, of at most " + std::to_string(max_hops);
    return queued(s, c, consider(s, c.lead(), c.excluded(), ctx.now()), had, true);
  }
  Choice choice = choose(s, c.lead(), c.excluded(), ctx.now());
  if (choice.member == nullptr) {
    const bool never = nobody_ever(s.definition(), c.lead(), c.excluded(), ctx.now());
    const char* reason = never ? "nobody can be eligible as the team is defined" : "nobody is eligible now";
    return queued(s, c, std::move(choice), reason, never);
  }
  // First come, first served: the look that takes the older one is due already.
  if (waits_for(s, *choice.member)) {
    return queued(s, c, consider(s, c.lead(), c.excluded(), ctx.now()),
                  "an older lead waits for " + choice.member->member(), false);
  }
  return picked(s, c.lead(), c.hop(), c.excluded(), std::move(choice), ctx.now());
}

Decision Team::decide(const State& s, const v1::TakeQueued&, const Context& ctx) {
  const auto* first = first_to_take(s, ctx.now());
  if (first == nullptr) return nothing();
  Choice choice = choose(s, first->lead(), first->excluded(), ctx.now());
  v1::MemberPicked e = picked(s, first->lead(), first->hop(), first->excluded(), std::move(choice), ctx.now());
  e.set_was_queued(true);
  return e;
}

Decision Team::decide(const State& s, const v1::AssignQueuedLead& c, const Context& ctx) {
  if (!exists(s)) return unknown_team();
  const auto* waiting = find_queued(s, c.lead());
  if (waiting == nullptr) {
    const auto* holder = holder_of(s, c.lead());
    if (holder != nullptr && holder->member() == c.member()) return nothing();
    return reject(Code::kFailedPrecondition, "lead", "is not in the queue of team " + s.team(),
                  holder == nullptr ? "look at the team's queue" : holder->member() + " has it");
  }
  const auto* member = find_member(s.definition(), c.member());
  if (member == nullptr) {
    Violations violations;
    add_unknown_member(s.definition(), s.team(), c.member(), "member", violations);
    return violations.take();
  }
  if (presence(*member, ctx.now()).verdict == "left") {
    return reject(Code::kFailedPrecondition, "member", "has left", "choose somebody who is there");
  }
  Choice choice = consider(s, waiting->lead(), waiting->excluded(), ctx.now());
  choice.member = member;
  v1::MemberPicked e = picked(s, waiting->lead(), waiting->hop(), waiting->excluded(), std::move(choice), ctx.now());
  e.set_was_queued(true);
  e.set_assigned_by(ctx.caller().shown());
  return e;
}

Decision Team::decide(const State& s, const v1::FreeCapacity& c, const Context&) {
  const auto* holder = holder_of(s, c.lead());
  if (holder == nullptr) return nothing();  // freed already
  v1::CapacityFreed e;
  e.set_team(s.team());
  e.set_member(holder->member());
  e.set_lead(c.lead());
  return e;
}

}  // namespace tandem::sales
