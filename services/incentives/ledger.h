// What a payee has earned by a plan: entries whose legs sum to zero, and the attainment of each period.
//
// Commands come from won and reversed deals, late, twice or in another order than they were won: a deal earns once, a
// reversal takes back once, and nothing that was booked is ever booked anew when a plan, a product or a quota changes.
// Deals take their places in a period's credit in the order in which they arrive here.
#pragma once

#include <optional>
#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/incentives/v1/commands.pb.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::incentives {

struct Ledger {
  using State = v1::Ledger;
  static constexpr std::string_view kType = "ledger";
  using Commands = Types<v1::Earn, v1::ClawBack>;
  using Events = Types<v1::CommissionEarned, v1::CommissionClawedBack>;

  // Rejections are for a person to settle, by publishing what is missing and retrying: NOT_FOUND for an unknown plan;
  // see earning.h and clawback.h for the others.
  static Decision decide(const State& state, const v1::Earn& command, const Context& context);
  static Decision decide(const State& state, const v1::ClawBack& command, const Context& context);
  static void evolve(State& state, const v1::CommissionEarned& event, const EventMeta& meta);
  static void evolve(State& state, const v1::CommissionClawedBack& event);
  static Indexes indexes(const State& state);
  static References references(const v1::Earn& command);
};

// Where a deal stands in the ledger's `deals`; none if it earned nothing here. Looked for from a place on, and then
// from the beginning.
std::optional<int> find_deal(const v1::Ledger& ledger, std::string_view deal, int from = 0);

}  // namespace tandem::incentives
