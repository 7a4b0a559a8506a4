// Whether a member of a team can take a lead: the hard rules, each with the words in which a choice explains itself.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <chrono>
#include <optional>
#include <string>

#include "shared/base/time.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::sales {

using Ids = google::protobuf::RepeatedPtrField<std::string>;

bool contains(const Ids& ids, const std::string& id);

// Whether a member is there at a time.
struct Presence {
  bool there = false;
  // "left", "on leave", "outside working hours"; empty if they are there.
  std::string verdict;
};
Presence presence(const v1::MemberDefinition& member, Instant now);

// When they are there next: `from` itself if they are there then; none if that is not within two years.
std::optional<Instant> there_from(const v1::MemberDefinition& member, Instant from);

// "at capacity 20 of 20", or empty.
std::string capacity_verdict(const v1::MemberDefinition& member, uint32_t open);

// Why this lead is not for them, whenever they are there: "territory DE not covered", "skill french missing",
// "had it before", "weight 0"; empty if it is. `excluded` are those who have had it.
std::string misfit(const v1::MemberDefinition& member, const v1::LeadNeeds& lead, const Ids& excluded);

// Nobody in the team fits and will be there, now or later, as the team is defined.
bool nobody_ever(const v1::TeamDefinition& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now);

// `amount` of the member's working time after `from`. Where their hours do not come to that within two years (leave
// without an end), by the clock.
Instant working_deadline(const v1::MemberDefinition& member, Instant from, std::chrono::seconds amount);

}  // namespace tandem::sales
