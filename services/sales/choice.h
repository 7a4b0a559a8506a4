// The choice of a salesperson for a lead: who is eligible, whose turn it is, and the explanation that goes with it.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <string>

#include "services/sales/eligibility.h"
#include "shared/base/time.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::sales {

struct Choice {
  // nullptr if nobody is eligible now.
  const v1::MemberDefinition* member = nullptr;
  // Everybody in the team, in the order of the definition.
  google::protobuf::RepeatedPtrField<v1::Candidate> considered;
  int64_t lead_unit = 0;
};

// By the rotation.
Choice choose(const v1::Team& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now);

// The same verdicts, and the rotation left as it is: for a choice by hand.
Choice consider(const v1::Team& team, const v1::LeadNeeds& lead, const Ids& excluded, Instant now);

// The first lead in the queue that somebody can take now; nullptr if there is none.
const v1::QueuedLead* first_to_take(const v1::Team& team, Instant now);

// Some lead that waits in the queue would go to this member.
bool waits_for(const v1::Team& team, const v1::MemberDefinition& member);

// At least one lead in the queue waits for a member to become eligible, and not for a person.
bool anything_waits(const v1::Team& team);

// Somebody who was absent at `after` is there, or was meanwhile, at `until`.
bool somebody_came(const v1::Team& team, Instant after, Instant until);

// Their place in the rotation; nullptr if they have none.
const v1::MemberRotation* find_rotation(const v1::Team& team, const std::string& member);

}  // namespace tandem::sales
