#include "tests/bench/company.h"

#include "tandem/sales/v1/service.pb.h"

namespace tandem::bench {
namespace {

constexpr char kPipeline[] = "standard";
constexpr int kMembers = 4;
constexpr uint32_t kNeverExpires = 100'000;  // minutes

std::string campaign_name(uint64_t number) { return "campaign-" + std::to_string(number); }
std::string team_name(uint64_t number) { return "team-" + std::to_string(number); }

marketing::v1::PublishScoringPolicy scoring_policy() {
  marketing::v1::PublishScoringPolicy policy;
  policy.set_request_id("scoring");
  policy.set_policy("default");
  policy.mutable_effective_from()->set_seconds(1'000'000);
  policy.set_threshold(10);
  auto& rule = *policy.add_rules();
  rule.set_name("reachable");
  rule.set_attribute("has_email");
  rule.set_comparison(marketing::v1::COMPARISON_PRESENT);
  rule.set_points(10);
  return policy;
}

sales::v1::DefinePipeline pipeline() {
  sales::v1::DefinePipeline define;
  define.set_request_id("pipeline");
  define.set_pipeline(kPipeline);
  define.mutable_definition()->set_name("Standard");
  auto& stage = *define.mutable_definition()->add_stages();
  stage.set_stage("new");
  stage.set_name("New");
  stage.set_probability_bp(1000);
  return define;
}

sales::v1::DefineTeam team(const std::string& name) {
  sales::v1::DefineTeam team;
  team.set_request_id("define-" + name);
  team.set_team(name);
  team.mutable_definition()->set_name(name);
  team.mutable_definition()->set_accept_within_minutes(kNeverExpires);
  team.mutable_definition()->set_max_hops(3);
  team.mutable_definition()->set_pipeline(kPipeline);
  for (int i = 0; i < kMembers; ++i) {
    auto& member = *team.mutable_definition()->add_members();
    member.set_member("member-" + std::to_string(i));
    member.set_name("Member " + std::to_string(i));
    member.set_weight(static_cast<uint32_t>(i + 1));
    member.set_plan("plan");
  }
  return team;
}

marketing::v1::DefineCampaign campaign(const std::string& name, const std::string& team) {
  marketing::v1::DefineCampaign define;
  define.set_request_id("define-" + name);
  define.set_campaign(name);
  auto& campaign = *define.mutable_definition();
  campaign.set_name(name);
  campaign.set_form(marketing::v1::CAMPAIGN_FORM_INBOUND);
  campaign.set_channel("webinar");
  campaign.set_team(team);
  campaign.mutable_budget()->set_minor_units(1'000'000);
  campaign.mutable_budget()->set_currency("EUR");
  return define;
}

marketing::v1::LaunchCampaign launch(const std::string& name) {
  marketing::v1::LaunchCampaign launch;
  launch.set_request_id("launch-" + name);
  launch.set_campaign(name);
  return launch;
}

}  // namespace

std::vector<Definition> company_definitions(uint32_t teams) {
  std::vector<Definition> all;
  const auto add = [&](const char* service, const char* method, auto command) {
    all.push_back({service, method, std::make_shared<decltype(command)>(std::move(command))});
  };
  add("marketing", "PublishScoringPolicy", scoring_policy());
  add("sales", "DefinePipeline", pipeline());
  for (uint32_t i = 0; i < teams; ++i) {
    add("sales", "DefineTeam", team(team_name(i)));
    add("marketing", "DefineCampaign", campaign(campaign_name(i), team_name(i)));
    add("marketing", "LaunchCampaign", launch(campaign_name(i)));
  }
  return all;
}

marketing::v1::CaptureLead lead_of(const std::string& run, uint64_t n, uint32_t teams) {
  const std::string number = std::to_string(n);
  marketing::v1::CaptureLead lead;
  lead.set_request_id(run + "-" + number);
  lead.mutable_person()->set_name("Anna Lindqvist " + number);
  lead.mutable_person()->set_email("anna.lindqvist." + number + "@" + run + ".example");
  lead.mutable_person()->set_phone("+4930" + std::to_string(10'000'000 + n % 80'000'000));
  lead.mutable_facts()->set_company("Brocken Maschinen GmbH");
  lead.mutable_facts()->set_country("DE");
  lead.mutable_facts()->set_territory("dach");
  lead.mutable_facts()->set_product("polaris");
  lead.mutable_facts()->mutable_value()->set_minor_units(120'000);
  lead.mutable_facts()->mutable_value()->set_currency("EUR");
  lead.set_campaign(campaign_name(n % teams));
  return lead;
}

}  // namespace tandem::bench
