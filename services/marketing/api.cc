// What callers may ask of marketing, and which aggregate decides.
#include "services/marketing/campaign.h"
#include "services/marketing/lead.h"
#include "services/marketing/scoring_policy.h"
#include "services/marketing/service.h"
#include "shared/base/identity.h"

namespace tandem::marketing {

Api api(const InstallationKeys& keys) {
  const auto campaign = [](const auto& c) { return c.campaign(); };
  const auto policy = [](const auto& c) { return c.policy(); };
  const auto lead = [](const auto& c) { return c.lead(); };
  // By the same spelling that the lead keeps.
  const auto person = [key = keys.identity_key](const v1::CaptureLead& c,
                                                const RequestInfo& info) -> Result<std::string> {
    TANDEM_ASSIGN_OR_RETURN(Identity identity, identify(c.person().email(), c.person().phone(), "person"));
    identity.reference = c.external_reference();
    return lead_id(identity, info.request_id, key);
  };

  Api a("tandem.marketing.v1.MarketingService");
  a.command<Campaign, v1::DefineCampaign>("DefineCampaign", campaign)
      .command<Campaign, v1::LaunchCampaign>("LaunchCampaign", campaign)
      .command<Campaign, v1::EndCampaign>("EndCampaign", campaign)
      .command<Campaign, v1::RecordSpend>("RecordSpend", campaign)
      .get<Campaign>("GetCampaign")
      .list<Campaign>("ListCampaigns");
  a.command<ScoringPolicy, v1::PublishScoringPolicy>("PublishScoringPolicy", policy)
      .get<ScoringPolicy>("GetScoringPolicy")
      .list<ScoringPolicy>("ListScoringPolicies");
  a.command<Lead, v1::CaptureLead>("CaptureLead", person)
      .command<Lead, v1::CaptureLead>("CaptureLeads", person)
      .command<Lead, v1::QualifyLead>("QualifyLead", lead)
      .command<Lead, v1::DisqualifyLead>("DisqualifyLead", lead)
      .command<Lead, v1::RescoreLead>("RescoreLead", lead)
      .get<Lead>("GetLead")
      .list<Lead>("ListLeads");
  return a;
}

}  // namespace tandem::marketing
