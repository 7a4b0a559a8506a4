// A lead's points: what is known of somebody, summed by a version of a scoring policy, with a reason for every line.
// Pure: the same input gives the same score, at any time.
//
// A rule looks at one attribute:
//   text    form, channel, campaign (of any touch); country, territory, product, business_type      IN, PRESENT
//   number  company_size, touches, value (whole units of its currency)              AT_LEAST, AT_MOST, PRESENT
//   mark    has_email, has_phone, has_company                                                             PRESENT
// What is not known matches no rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/marketing/v1/resources.pb.h"

namespace tandem::marketing {

// What can be scored of a lead.
struct Scorable {
  const v1::LeadFacts& facts;
  bool has_email = false;
  bool has_phone = false;
  std::vector<const v1::Touch*> touches;
  // All of them, also those that are not kept.
  int64_t touch_count = 0;
};

// `version` is the one in force; null: there was none, and the score is 0, with a line that says so.
v1::Score score(const Scorable& lead, std::string_view policy, const v1::ScoringPolicyVersion* version);

// Whether the threshold is reached. Never, where no policy was in force.
bool reached(const v1::Score& score);

// What is wrong with a rule, or nothing; `path` is the rule's in the command: "rules[2]".
std::optional<Error> rule_problems(const v1::ScoringRule& rule, const std::string& path);

}  // namespace tandem::marketing
