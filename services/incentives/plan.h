// A commission plan: versions by date. A deal is paid by the version in force when it was won.
//
// Publishing adds a version and never changes what was earned. A version may begin at any date. Where another one
// begins at the same date it supersedes it, and before others it pays up to the next one's date: always for deals that
// become known from now on (a correction), while what an earlier one paid stays, and says by which version.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::incentives {

struct Plan {
  using State = v1::Plan;
  static constexpr std::string_view kType = "plan";
  using Commands = Types<v1::PublishPlan>;
  using Events = Types<v1::PlanPublished>;

  static Decision decide(const State& state, const v1::PublishPlan& command, const Context& context);
  static void evolve(State& state, const v1::PlanPublished& event, const EventMeta& meta);
  static Indexes indexes(const State& state);
};

// The version in force at a time: of those that have begun the one that began last, and of these the last published.
// nullptr if none had begun.
const v1::PlanVersion* version_in_force(const v1::Plan& plan, Instant at);
// By its number; nullptr if there is none.
const v1::PlanVersion* version_of(const v1::Plan& plan, std::uint32_t version);

}  // namespace tandem::incentives
