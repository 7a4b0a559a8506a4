#include "tests/bench/plan.h"

#include <array>

namespace tandem::bench {
namespace {

// Sizes are those of plan_test.cc's lead, to within a quarter.
constexpr std::array<Step, 8> kSteps = {{
    {"marketing", Cause::kRequest, Cause::kLeadCaptured, "lead", false, true, false, 294, 400, 456},
    {"marketing", Cause::kLeadCaptured, Cause::kLeadQualified, "lead", false, false, false, 256, 217, 456},
    {"sales", Cause::kLeadQualified, Cause::kMemberPicked, "team", true, false, false, 225, 317, 302},
    {"sales", Cause::kMemberPicked, Cause::kLeadAssigned, "assignment", false, true, true, 243, 350, 424},
    {"crm", Cause::kLeadCaptured, Cause::kCustomerRegistered, "customer", false, true, false, 251, 156, 198},
    {"crm", Cause::kLeadCaptured, Cause::kInteractionRecorded, "interaction", false, true, false, 255, 200, 220},
    {"crm", Cause::kLeadQualified, Cause::kInteractionRecorded, "interaction", false, true, false, 255, 200, 220},
    {"crm", Cause::kLeadAssigned, Cause::kInteractionRecorded, "interaction", false, true, false, 255, 200, 220},
}};

const Step* step_making(Cause event) {
  for (const Step& step : kSteps) {
    if (step.makes == event) return &step;
  }
  return nullptr;
}

}  // namespace

std::span<const Step> steps() { return kSteps; }

size_t commits_of_a_lead() { return kSteps.size(); }

size_t commits_until_assigned() {
  size_t count = 0;
  for (Cause at = Cause::kLeadAssigned; at != Cause::kRequest; at = step_making(at)->on) ++count;
  return count;
}

std::string_view event_type(Cause event) {
  switch (event) {
    case Cause::kRequest:
      break;
    case Cause::kLeadCaptured:
      return "tandem.marketing.v1.LeadCaptured";
    case Cause::kLeadQualified:
      return "tandem.marketing.v1.LeadQualified";
    case Cause::kMemberPicked:
      return "tandem.sales.v1.MemberPicked";
    case Cause::kLeadAssigned:
      return "tandem.sales.v1.LeadAssigned";
    case Cause::kCustomerRegistered:
      return "tandem.crm.v1.CustomerRegistered";
    case Cause::kInteractionRecorded:
      return "tandem.crm.v1.InteractionRecorded";
  }
  return "";
}

}  // namespace tandem::bench
