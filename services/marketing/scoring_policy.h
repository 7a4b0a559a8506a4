// How leads are scored, in versions by date: history is scored by what was in force then.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/marketing/v1/resources.pb.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::marketing {

struct ScoringPolicy {
  using State = v1::ScoringPolicy;
  static constexpr std::string_view kType = "scoring_policy";
  using Commands = Types<v1::PublishScoringPolicy>;
  using Events = Types<v1::ScoringPolicyPublished>;

  // A version begins no earlier than the last one; of two that begin at the same time the later one counts.
  static Decision decide(const State&, const v1::PublishScoringPolicy&, const Context&);
  static void evolve(State&, const v1::ScoringPolicyPublished&, const EventMeta&);
  static Indexes indexes(const State&);

  // The version in force at a time, or null.
  static const v1::ScoringPolicyVersion* in_force(const State&, Instant at);
};

}  // namespace tandem::marketing
