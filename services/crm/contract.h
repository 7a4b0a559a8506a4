// A contract: what was agreed with a customer when a deal was won, and what is left of it.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/crm/v1/commands.pb.h"
#include "tandem/crm/v1/events.pb.h"
#include "tandem/crm/v1/resources.pb.h"

namespace tandem::crm {

struct Contract {
  using State = v1::Contract;
  static constexpr std::string_view kType = "contract";
  using Commands = Types<v1::SignContract, v1::ReduceContract, v1::EndContract>;
  using Events = Types<v1::ContractSigned, v1::ContractReduced, v1::ContractEnded>;

  static Decision decide(const State&, const v1::SignContract&, const Context&);
  static Decision decide(const State&, const v1::ReduceContract&, const Context&);
  static Decision decide(const State&, const v1::EndContract&, const Context&);

  static void evolve(State&, const v1::ContractSigned&);
  static void evolve(State&, const v1::ContractReduced&);
  static void evolve(State&, const v1::ContractEnded&);

  static Indexes indexes(const State&);
};

// So many months later, at the same time of day in UTC: on the same day of the month, or on its last one where it has
// no such day (31 January + 1 month = 28 or 29 February).
Instant months_after(Instant from, uint32_t months);

}  // namespace tandem::crm
