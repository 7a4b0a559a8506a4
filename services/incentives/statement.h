// What a payee is paid for a period, in one currency: open, approved, paid.
//
// Only an open statement takes entries. Once approved it never changes: what comes late is deferred, and goes to the
// next statement that is open, where its line names the period that it belongs to.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/incentives/v1/commands.pb.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::incentives {

struct Statement {
  using State = v1::Statement;
  static constexpr std::string_view kType = "statement";
  using Commands = Types<v1::PostEntry, v1::ApproveStatement, v1::PayStatement>;
  using Events = Types<v1::EntryPosted, v1::EntryDeferred, v1::StatementApproved, v1::PayoutMade>;

  static Decision decide(const State& state, const v1::PostEntry& command, const Context& context);
  static Decision decide(const State& state, const v1::ApproveStatement& command, const Context& context);
  static Decision decide(const State& state, const v1::PayStatement& command, const Context& context);
  static void evolve(State& state, const v1::EntryPosted& event, const EventMeta& meta);
  // Changes nothing: the entry stands on another statement.
  static void evolve(State&, const v1::EntryDeferred&) {}
  static void evolve(State& state, const v1::StatementApproved& event, const EventMeta& meta);
  static void evolve(State& state, const v1::PayoutMade& event, const EventMeta& meta);
  static Indexes indexes(const State& state);
};

}  // namespace tandem::incentives
