// A sales team: hands leads to its members in turn, and keeps those that nobody can take yet in a queue.
//
// The state knows who has which lead in hand, so a choice that follows a decline or an expiry frees the slot of whoever
// had it in the same event. A queue needs no event to be looked through: timers(state) name a look as soon as something
// happened that may help (a slot freed, a new definition, a lead taken from the queue), and one when somebody who was
// absent comes back. A look that finds nothing leaves no event.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/sales/v1/commands.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {

struct Team {
  using State = v1::Team;
  static constexpr std::string_view kType = "team";
  using Commands =
      Types<v1::DefineTeam, v1::SetLeave, v1::PickMember, v1::TakeQueued, v1::AssignQueuedLead, v1::FreeCapacity>;
  using Events = Types<v1::TeamDefined, v1::MemberPicked, v1::LeadQueued, v1::CapacityFreed>;

  static Decision decide(const State&, const v1::DefineTeam&, const Context&);
  static Decision decide(const State&, const v1::SetLeave&, const Context&);
  static Decision decide(const State&, const v1::PickMember&, const Context&);
  static Decision decide(const State&, const v1::TakeQueued&, const Context&);
  static Decision decide(const State&, const v1::AssignQueuedLead&, const Context&);
  static Decision decide(const State&, const v1::FreeCapacity&, const Context&);

  static void evolve(State&, const v1::TeamDefined&, const EventMeta&);
  static void evolve(State&, const v1::MemberPicked&, const EventMeta&);
  static void evolve(State&, const v1::LeadQueued&, const EventMeta&);
  static void evolve(State&, const v1::CapacityFreed&, const EventMeta&);

  // The pipeline that the definition names.
  static References references(const v1::DefineTeam&);
  static Indexes indexes(const State&);
  static Timers timers(const State&);
};

}  // namespace tandem::sales
