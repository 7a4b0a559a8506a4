#include "services/cli/apply/apply_kinds.h"

#include "services/cli/session.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

// Of things whose definition is one, and replaced as a whole.
template <class Resource, class Command>
bool whole_definition(const Message& resource, Message& there) {
  *static_cast<Command&>(there).mutable_definition() = static_cast<const Resource&>(resource).definition();
  return true;
}

// The version in force at the command's time, or now if it names none: the one that began last, of these the last
// published.
template <class Resource, class Command>
const auto* version_in_force(const Resource& resource, const Command& command) {
  const Instant at = command.has_effective_from() ? to_instant(command.effective_from()) : SystemClock().now();
  const typename std::remove_reference_t<decltype(resource.versions())>::value_type* found = nullptr;
  for (const auto& version : resource.versions()) {
    const Instant from = to_instant(version.effective_from());
    if (from <= at && (!found || from >= to_instant(found->effective_from()))) found = &version;
  }
  return found;
}

bool scoring_version(const Message& resource, Message& there) {
  auto& command = static_cast<marketing::v1::PublishScoringPolicy&>(there);
  const auto* version = version_in_force(static_cast<const marketing::v1::ScoringPolicy&>(resource), command);
  if (!version) return false;
  command.set_threshold(version->threshold());
  *command.mutable_rules() = version->rules();
  return true;
}

bool plan_version(const Message& resource, Message& there) {
  auto& command = static_cast<incentives::v1::PublishPlan&>(there);
  const auto* version = version_in_force(static_cast<const incentives::v1::Plan&>(resource), command);
  if (!version) return false;
  *command.mutable_definition() = version->definition();
  return true;
}

}  // namespace

const std::vector<ApplyKind>& apply_kinds() {
  static const std::vector<ApplyKind> kKinds = {
      {"pipeline", "pipelines", "pipeline", std::string(kSales) + "DefinePipeline",
       sales::v1::DefinePipeline::default_instance(), std::string(kSales) + "GetPipeline",
       sales::v1::GetPipeline::default_instance(), sales::v1::Pipeline::default_instance(),
       whole_definition<sales::v1::Pipeline, sales::v1::DefinePipeline>},
      {"plan", "plans", "plan", std::string(kIncentives) + "PublishPlan",
       incentives::v1::PublishPlan::default_instance(), std::string(kIncentives) + "GetPlan",
       incentives::v1::GetPlan::default_instance(), incentives::v1::Plan::default_instance(), plan_version},
      {"team", "team", "team", std::string(kSales) + "DefineTeam", sales::v1::DefineTeam::default_instance(),
       std::string(kSales) + "GetTeam", sales::v1::GetTeam::default_instance(), sales::v1::Team::default_instance(),
       whole_definition<sales::v1::Team, sales::v1::DefineTeam>},
      {"scoring", "scoring", "policy", std::string(kMarketing) + "PublishScoringPolicy",
       marketing::v1::PublishScoringPolicy::default_instance(), std::string(kMarketing) + "GetScoringPolicy",
       marketing::v1::GetScoringPolicy::default_instance(), marketing::v1::ScoringPolicy::default_instance(),
       scoring_version},
      {"campaign", "campaigns", "campaign", std::string(kMarketing) + "DefineCampaign",
       marketing::v1::DefineCampaign::default_instance(), std::string(kMarketing) + "GetCampaign",
       marketing::v1::GetCampaign::default_instance(), marketing::v1::Campaign::default_instance(),
       whole_definition<marketing::v1::Campaign, marketing::v1::DefineCampaign>},
  };
  return kKinds;
}

}  // namespace tandem::cli
