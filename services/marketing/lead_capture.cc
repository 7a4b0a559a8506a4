// The rules of capturing a lead; everything after that is in lead.cc.
#include <optional>
#include <string>

#include "services/marketing/campaign.h"
#include "services/marketing/lead.h"
#include "services/marketing/scoring_policy.h"
#include "shared/aggregate/convert.h"
#include "shared/base/identity.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"
#include "shared/base/violations.h"

namespace tandem::marketing {
namespace {

v1::Routing routing_of(const v1::CaptureLead& c) {
  return c.routing() == v1::ROUTING_UNSPECIFIED ? v1::ROUTING_AUTOMATIC : c.routing();
}

// Why the campaign takes no lead, or nothing. History is taken for any campaign that is known; a lead that comes after
// the end is still a lead.
std::optional<Error> campaign_problem(const v1::CaptureLead& c, const v1::Campaign* campaign) {
  if (c.campaign().empty()) return std::nullopt;
  if (campaign == nullptr) {
    return reject(Code::kNotFound, "campaign", "\"" + c.campaign() + "\" is not known",
                  "define and launch it, or leave the campaign empty");
  }
  if (!campaign->has_launched_at() && routing_of(c) != v1::ROUTING_HELD) {
    return reject(Code::kFailedPrecondition, "campaign", "\"" + c.campaign() + "\" was never launched",
                  "launch it first; history is captured with routing HELD");
  }
  return std::nullopt;
}

// Everything that is wrong across fields, or nothing.
std::optional<Error> problems(const v1::Lead& s, const v1::CaptureLead& c, const v1::Campaign* campaign,
                              const Result<Identity>& identity) {
  Violations wrong;
  if (!identity.ok()) wrong.add(identity.error());
  if (c.facts().has_value()) wrong.add(wrong_amount(c.facts().value(), "facts.value"));
  if (campaign != nullptr && c.form() != v1::CAMPAIGN_FORM_UNSPECIFIED && c.form() != campaign->definition().form()) {
    wrong.add(invalid("form", "is not the campaign's", "leave it out where there is a campaign"));
  }
  const bool needs_team = s.lead().empty() && routing_of(c) == v1::ROUTING_AUTOMATIC;
  if (needs_team && c.team().empty() && c.campaign().empty()) {
    wrong.add(
        invalid("team", "is missing, and there is no campaign that has one", "name the sales team that gets the lead"));
  }
  wrong.add(campaign_problem(c, campaign));
  return wrong.take_any();
}

v1::Person person_of(const v1::CaptureLead& c, const Identity& identity) {
  v1::Person person;
  person.set_name(std::string(trim(c.person().name())));
  person.set_email(identity.email);
  person.set_phone(identity.phone);
  return person;
}

v1::LeadFacts facts_of(const v1::CaptureLead& c, const Identity& identity) {
  v1::LeadFacts facts = c.facts();
  facts.set_company(std::string(trim(facts.company())));
  facts.set_email_domain(email_domain(identity.email));
  return facts;
}

// What stands, its gaps filled with what came. Merging takes every field of `standing` that is not empty; messages and
// lists are taken as a whole.
v1::LeadFacts filled(const v1::LeadFacts& standing, v1::LeadFacts with) {
  if (standing.has_value()) with.clear_value();
  if (standing.skills_size() > 0) with.clear_skills();
  with.MergeFrom(standing);
  return with;
}

v1::Person filled(const v1::Person& standing, v1::Person with) {
  with.MergeFrom(standing);
  return with;
}

v1::Touch touch_of(std::string id, const v1::CaptureLead& c, const v1::Campaign* campaign, const Context& ctx) {
  v1::Touch touch;
  touch.set_touch(std::move(id));
  touch.set_campaign(c.campaign());
  touch.set_form(campaign == nullptr ? c.form() : campaign->definition().form());
  touch.set_channel(c.channel().empty() && campaign != nullptr ? campaign->definition().channel() : c.channel());
  *touch.mutable_occurred_at() = to_timestamp(ctx.occurred_at());
  return touch;
}

v1::LeadCaptured captured(const v1::Lead& lead, const v1::Touch& touch, const Context& ctx) {
  v1::LeadCaptured e;
  e.set_lead(ctx.id());
  e.set_customer(customer_id(ctx.id()));
  *e.mutable_person() = lead.person();
  *e.mutable_facts() = lead.facts();
  *e.mutable_touch() = touch;
  *e.mutable_score() = score_lead(lead, &touch, ctx);
  e.set_team(lead.team());
  e.set_routing(lead.routing());
  return e;
}

v1::TouchRecorded touched(const v1::Lead& lead, const v1::Touch& touch, const Context& ctx) {
  v1::TouchRecorded e;
  e.set_lead(lead.lead());
  e.set_customer(lead.customer());
  *e.mutable_touch() = touch;
  *e.mutable_facts() = lead.facts();
  *e.mutable_person() = lead.person();
  *e.mutable_score() = score_lead(lead, &touch, ctx);
  e.set_routing(lead.routing());
  e.set_team(lead.team());
  return e;
}

}  // namespace

Decision Lead::decide(const State& s, const v1::CaptureLead& c, const Context& ctx) {
  std::string touch_id =
      c.external_reference().empty() ? ctx.derived_id("touch") : derive_id("touch", {ctx.id(), c.external_reference()});
  if (knows_touch(s, touch_id)) return nothing();

  const v1::Campaign* campaign = c.campaign().empty() ? nullptr : ctx.find<Campaign>(c.campaign());
  const auto identity = identify(c.person().email(), c.person().phone(), "person");
  if (auto error = problems(s, c, campaign, identity)) return *std::move(error);

  v1::Lead lead = s;  // as it will stand
  *lead.mutable_person() = filled(s.person(), person_of(c, *identity));
  *lead.mutable_facts() = filled(s.facts(), facts_of(c, *identity));
  if (lead.team().empty()) {
    lead.set_team(c.team().empty() && campaign != nullptr ? campaign->definition().team() : c.team());
  }
  const v1::Touch touch = touch_of(std::move(touch_id), c, campaign, ctx);
  if (!s.lead().empty()) return touched(lead, touch, ctx);
  lead.set_routing(routing_of(c));
  return captured(lead, touch, ctx);
}

References Lead::references(const v1::CaptureLead& c) {
  References references{ref<ScoringPolicy>(std::string(kScoringPolicy))};
  if (!c.campaign().empty()) references.push_back(ref<Campaign>(c.campaign()));
  return references;
}

}  // namespace tandem::marketing
