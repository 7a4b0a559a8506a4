// A lead in the hands of a salesperson: one a lead, from the first choice until somebody accepts it.
#pragma once

#include <string>
#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/sales/v1/commands.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {

struct Assignment {
  using State = v1::Assignment;
  static constexpr std::string_view kType = "assignment";
  using Commands = Types<v1::Assign, v1::AcceptLead, v1::DeclineLead, v1::Expire>;
  using Events = Types<v1::LeadAssigned, v1::LeadReassigned, v1::LeadAccepted, v1::LeadDeclined, v1::AssignmentExpired>;

  // One a lead.
  static std::string id_of(std::string_view lead);
  // What comes of it once it is accepted.
  static std::string opportunity_of(std::string_view assignment);

  static Decision decide(const State&, const v1::Assign&, const Context&);
  static Decision decide(const State&, const v1::AcceptLead&, const Context&);
  static Decision decide(const State&, const v1::DeclineLead&, const Context&);
  static Decision decide(const State&, const v1::Expire&, const Context&);

  static void evolve(State&, const v1::LeadAssigned&, const EventMeta&);
  static void evolve(State&, const v1::LeadReassigned&, const EventMeta&);
  static void evolve(State&, const v1::LeadAccepted&, const EventMeta&);
  static void evolve(State&, const v1::LeadDeclined&, const EventMeta&);
  static void evolve(State&, const v1::AssignmentExpired&, const EventMeta&);

  static Indexes indexes(const State&);
  // At the deadline, as long as it is neither accepted nor declined.
  static Timers timers(const State&);
};

}  // namespace tandem::sales
