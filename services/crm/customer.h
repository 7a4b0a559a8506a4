// A customer: who they are, how many deals they made, and where they stand in the purchasing process.
//
// News of a customer comes from several logs and therefore in any order. So the state keeps the evidence (contacted;
// every opportunity and where it stands), and stage, relationship and number of purchases follow from it alone: the
// same news in another order gives the same customer.
//   stage         REPEAT: two purchases or more; PURCHASED: one; else EVALUATING: an opportunity is open; else DORMANT:
//                 one was lost or taken back; else CONTACTED; else PROSPECT
//   relationship  by purchases: none PROSPECTIVE, one NEW, more OLD. A deal taken back as a whole is no purchase.
//   opportunity   goes open -> lost -> won -> reversed only; what comes late is known already
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/crm/v1/commands.pb.h"
#include "tandem/crm/v1/events.pb.h"
#include "tandem/crm/v1/resources.pb.h"
#include "tandem/crm/v1/service.pb.h"

namespace tandem::crm {

struct Customer {
  using State = v1::Customer;
  static constexpr std::string_view kType = "customer";
  using Commands = Types<v1::RegisterProspect, v1::RegisterCustomer, v1::ReachStage>;
  using Events = Types<v1::CustomerRegistered, v1::StageReached, v1::DealingNoted>;

  static Decision decide(const State&, const v1::RegisterProspect&, const Context&);
  static Decision decide(const State&, const v1::RegisterCustomer&, const Context&);
  static Decision decide(const State&, const v1::ReachStage&, const Context&);

  static void evolve(State&, const v1::CustomerRegistered&, const EventMeta&);
  static void evolve(State&, const v1::StageReached&, const EventMeta&);
  static void evolve(State&, const v1::DealingNoted&);

  static Indexes indexes(const State&);
};

}  // namespace tandem::crm
