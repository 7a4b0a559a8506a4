// One entry of a customer's timeline: an event that concerns them, or a note by hand. It is written once and stays.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/crm/v1/commands.pb.h"
#include "tandem/crm/v1/events.pb.h"
#include "tandem/crm/v1/resources.pb.h"
#include "tandem/crm/v1/service.pb.h"

namespace tandem::crm {

struct Interaction {
  using State = v1::Interaction;
  static constexpr std::string_view kType = "interaction";
  using Commands = Types<v1::RecordInteraction, v1::AddNote>;
  using Events = Types<v1::InteractionRecorded>;

  static Decision decide(const State&, const v1::RecordInteraction&, const Context&);
  static Decision decide(const State&, const v1::AddNote&, const Context&);
  static References references(const v1::AddNote&);

  static void evolve(State&, const v1::InteractionRecorded&, const EventMeta&);

  static Indexes indexes(const State&);
};

}  // namespace tandem::crm
