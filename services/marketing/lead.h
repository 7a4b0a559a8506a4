// A lead: somebody who may buy, from the first touch until marketing hands them to sales or gives them up.
//
// A lead is a person: capturing somebody who is known adds a touch, fills what was not known and scores again. It never
// changes what stands. lead_capture.cc has the rules of capture, lead.cc those of what comes after.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/marketing/v1/commands.pb.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/marketing/v1/resources.pb.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::marketing {

// The scoring policy that leads are scored by.
inline constexpr std::string_view kScoringPolicy = "default";

struct Lead {
  using State = v1::Lead;
  static constexpr std::string_view kType = "lead";
  using Commands = Types<v1::CaptureLead, v1::QualifyByScore, v1::QualifyLead, v1::DisqualifyLead, v1::RescoreLead>;
  using Events = Types<v1::LeadCaptured, v1::TouchRecorded, v1::LeadScored, v1::LeadQualified, v1::LeadDisqualified>;

  static Decision decide(const State&, const v1::CaptureLead&, const Context&);
  static Decision decide(const State&, const v1::QualifyByScore&, const Context&);
  static Decision decide(const State&, const v1::QualifyLead&, const Context&);
  static Decision decide(const State&, const v1::DisqualifyLead&, const Context&);
  static Decision decide(const State&, const v1::RescoreLead&, const Context&);
  static References references(const v1::CaptureLead&);
  static References references(const v1::RescoreLead&);

  static void evolve(State&, const v1::LeadCaptured&, const EventMeta&);
  static void evolve(State&, const v1::TouchRecorded&);
  static void evolve(State&, const v1::LeadScored&);
  static void evolve(State&, const v1::LeadQualified&, const EventMeta&);
  static void evolve(State&, const v1::LeadDisqualified&, const EventMeta&);

  static Indexes indexes(const State&);
};

// The score of a lead as it stands, by the policy in force when the command happened; or with one more touch, by that
// in force at the newest of its touches: in whatever order they are recorded, the score is the same.
v1::Score score_lead(const v1::Lead& lead, const v1::Touch* touch, const Context&);

// Whether the lead has this touch already. It remembers the last 1,000.
bool knows_touch(const v1::Lead& lead, std::string_view touch);

}  // namespace tandem::marketing
