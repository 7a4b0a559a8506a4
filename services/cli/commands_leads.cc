// leads, campaigns, scoring: what marketing does.
#include "services/cli/app.h"
#include "services/cli/apply/apply_command.h"
#include "services/cli/calls.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace marketing::v1;  // NOLINT(google-build-using-namespace): the messages of one service

const Argument kLead = {"LEAD", "lead", "Id of the lead"};
const Argument kCampaign = {"CAMPAIGN", "campaign", "Id of the campaign"};

void add_capture(CLI::App& leads, Session& session) {
  add_write(
      leads, session,
      {{"capture", "Somebody shows interest: a new lead, or a touch of one that is known",
        "tandem leads capture --email ada@example.com --name \"Ada Lovelace\" --campaign spring-webinar\n"
        "tandem leads capture --phone \"+49 30 1234567\" --company \"Nordlicht GmbH\" --country DE --team inside\n"
        "tandem leads capture --email ada@example.com --campaign spring-webinar --value \"EUR 12,000.00\" "
        "--skill french"},
       marketing_method("CaptureLead"),
       CaptureLead::default_instance(),
       {{"--email", "person.email", "Their e-mail address, by which they are known"},
        {"--phone", "person.phone", "Their telephone number; they are known by it if there is no e-mail"},
        {"--name", "person.name", "Their name"},
        {"--campaign", "campaign", "The campaign that brought them"},
        {"--channel", "channel", "How they came (the campaign's)"},
        {"--form", "form", "inbound, outbound or social, where there is no campaign"},
        {"--team", "team", "The sales team that gets them (the campaign's)"},
        {"--company", "facts.company", "Their company"},
        {"--country", "facts.country", "Two letters, DE"},
        {"--territory", "facts.territory", "For the choice of a salesperson"},
        {"--product", "facts.product", "What they are interested in"},
        {"--skill", "facts.skills", "What a salesperson must be able to do; may be repeated"},
        {"--company-size", "facts.company_size", "Employees"},
        {"--business-type", "facts.business_type", "Kind of business"},
        {"--value", "facts.value", "What the deal may bring, EUR 12,000.00"},
        {"--routing", "routing", "automatic, or held: to be qualified by hand only (automatic)"},
        {"--reference", "external_reference", "Sent twice with the same one, it counts once, for ever"}}});
}

void add_leads(CLI::App& root, Session& session) {
  CLI::App& leads = add_group(root, "leads", "People who show interest");
  add_capture(leads, session);
  add_list(leads, session,
           {{"list", "Leads, in the order in which they were captured",
             "tandem leads list --status qualified\n"
             "tandem leads list --filter 'facts.country = DE AND score.points >= 40' --order desc --all"},
            marketing_method("ListLeads"),
            ListLeadsResult::default_instance(),
            {{"LEAD", "lead"},
             {"STATUS", "status"},
             {"POINTS", "score.points"},
             {"CAMPAIGN", "campaign"},
             {"COMPANY", "facts.company"},
             {"COUNTRY", "facts.country"},
             {"TEAM", "team"},
             {"TOUCHES", "touch_count"},
             {"CAPTURED", "captured_at"}},
            {{"--status", "status", "new, qualified or disqualified"},
             {"--campaign", "campaign", "Of this campaign"},
             {"--team", "team", "Of this sales team"}}});
  add_get(leads, session,
          {{"get", "One lead: facts, score line by line, touches",
            "tandem leads get lead-9c1e\n"
            "tandem leads get lead-9c1e --output yaml"},
           marketing_method("GetLead"),
           GetLead::default_instance(),
           Lead::default_instance(),
           kLead});
  add_write(leads, session,
            {{"qualify", "Hand a lead to sales by hand",
              "tandem leads qualify lead-9c1e\n"
              "tandem leads qualify lead-9c1e --team inside --published"},
             marketing_method("QualifyLead"),
             QualifyLead::default_instance(),
             {kLead, {"--team", "team", "The sales team that gets it (the lead's)"}}});
  add_write(leads, session,
            {{"disqualify", "Give a lead up", "tandem leads disqualify lead-9c1e --reason \"a student\""},
             marketing_method("DisqualifyLead"),
             DisqualifyLead::default_instance(),
             {kLead, {"--reason", "reason", "Why", true}}});
}

void add_campaigns(CLI::App& root, Session& session) {
  CLI::App& campaigns = add_group(root, "campaigns", "Efforts to raise leads");
  add_apply(campaigns, session, "Make campaigns be as files say",
            "tandem campaigns apply deploy/samples/campaigns.yaml --dry-run\n"
            "tandem campaigns apply deploy/samples/campaigns.yaml",
            {"campaign"});
  add_list(campaigns, session,
           {{"list", "Campaigns, in the order in which they were made",
             "tandem campaigns list\n"
             "tandem campaigns list --status launched --filter 'definition.form = SOCIAL'"},
            marketing_method("ListCampaigns"),
            ListCampaignsResult::default_instance(),
            {{"CAMPAIGN", "campaign"},
             {"NAME", "definition.name"},
             {"STATUS", "status"},
             {"FORM", "definition.form"},
             {"CHANNEL", "definition.channel"},
             {"TEAM", "definition.team"},
             {"BUDGET", "definition.budget"},
             {"SPENT", "spent"}},
            {{"--status", "status", "draft, launched or ended"}, {"--team", "definition.team", "Of this sales team"}}});
  add_get(campaigns, session,
          {{"get", "One campaign", "tandem campaigns get spring-webinar"},
           marketing_method("GetCampaign"),
           GetCampaign::default_instance(),
           Campaign::default_instance(),
           kCampaign});
  add_write(campaigns, session,
            {{"launch", "From now on it takes leads", "tandem campaigns launch spring-webinar"},
             marketing_method("LaunchCampaign"),
             LaunchCampaign::default_instance(),
             {kCampaign}});
  add_write(campaigns, session,
            {{"end", "End it for good", "tandem campaigns end spring-webinar --reason \"budget is used up\""},
             marketing_method("EndCampaign"),
             EndCampaign::default_instance(),
             {kCampaign, {"--reason", "reason", "Why"}}});
  add_write(campaigns, session,
            {{"spend", "Record money spent on it; a refund is negative",
              "tandem campaigns spend spring-webinar --amount \"EUR 1,250.00\" --note \"hall\"\n"
              "tandem campaigns spend spring-webinar --amount \"EUR -100.00\" --at 2026-10-05"},
             marketing_method("RecordSpend"),
             RecordSpend::default_instance(),
             {kCampaign, {"--amount", "amount", "EUR 1,250.00", true}, {"--note", "note", "What for"}}});
}

void add_scoring(CLI::App& root, Session& session) {
  CLI::App& scoring = add_group(root, "scoring", "How leads are scored");
  add_apply(scoring, session, "Publish scoring policies as files say",
            "tandem scoring apply deploy/samples/scoring.yaml --dry-run\n"
            "tandem scoring apply deploy/samples/scoring.yaml",
            {"scoring"});
  add_list(scoring, session,
           {{"list", "Scoring policies", "tandem scoring list"},
            marketing_method("ListScoringPolicies"),
            ListScoringPoliciesResult::default_instance(),
            {{"POLICY", "policy"}, {"VERSIONS", "versions"}, {"CREATED", "created_at"}},
            {}});
  add_get(scoring, session,
          {{"get", "One policy with all its versions", "tandem scoring get default"},
           marketing_method("GetScoringPolicy"),
           GetScoringPolicy::default_instance(),
           ScoringPolicy::default_instance(),
           {"POLICY", "policy", "Id of the policy; leads are scored by \"default\""}});
}

}  // namespace

void add_leads_commands(CLI::App& root, Session& session) {
  add_leads(root, session);
  add_campaigns(root, session);
  add_scoring(root, session);
}

}  // namespace tandem::cli
