// Commands, events and referenced states that the specs of leads speak in.
#pragma once

#include <string>

#include "services/marketing/lead.h"
#include "shared/aggregate/convert.h"
#include "shared/base/identity.h"

namespace tandem::marketing {

inline constexpr char kLead[] = "lead-1";

inline v1::ScoringPolicy policy_with(int points, int threshold) {
  v1::ScoringPolicy s;
  s.set_policy("default");
  auto* version = s.add_versions();
  version->set_version(1);
  *version->mutable_effective_from() = to_timestamp(parse_instant("2026-01-01T00:00:00Z").value());
  version->set_threshold(threshold);
  auto* rule = version->add_rules();
  rule->set_name("reachable");
  rule->set_attribute("has_email");
  rule->set_comparison(v1::COMPARISON_PRESENT);
  rule->set_points(points);
  rule = version->add_rules();
  rule->set_name("keen");
  rule->set_attribute("touches");
  rule->set_comparison(v1::COMPARISON_AT_LEAST);
  rule->add_values("2");
  rule->set_points(15);
  return s;
}

inline v1::Campaign spring(bool launched = true) {
  v1::Campaign s;
  s.set_campaign("spring");
  s.set_status(launched ? v1::CAMPAIGN_STATUS_LAUNCHED : v1::CAMPAIGN_STATUS_DRAFT);
  s.mutable_definition()->set_form(v1::CAMPAIGN_FORM_INBOUND);
  s.mutable_definition()->set_channel("webinar");
  s.mutable_definition()->set_team("dach");
  if (launched) s.mutable_launched_at()->set_seconds(1);
  return s;
}

inline v1::CaptureLead capture(const std::string& campaign = "spring") {
  v1::CaptureLead c;
  c.set_campaign(campaign);
  c.mutable_person()->set_name("Ana Huber");
  c.mutable_person()->set_email(" Ana@Huber.Example ");
  c.mutable_facts()->set_company(" Kranbau Huber ");
  c.mutable_facts()->set_country("DE");
  return c;
}

// As captured from `capture()`, with so many points.
inline v1::LeadCaptured captured(int points = 40, int threshold = 50) {
  v1::LeadCaptured e;
  e.set_lead(kLead);
  e.set_customer(customer_id(kLead));
  e.mutable_person()->set_name("Ana Huber");
  e.mutable_person()->set_email("ana@huber.example");
  e.mutable_facts()->set_company("Kranbau Huber");
  e.mutable_facts()->set_country("DE");
  e.mutable_facts()->set_email_domain("huber.example");
  e.mutable_touch()->set_touch("touch-1");
  e.mutable_touch()->set_campaign("spring");
  e.mutable_touch()->set_form(v1::CAMPAIGN_FORM_INBOUND);
  e.mutable_touch()->set_channel("webinar");
  e.mutable_score()->set_points(points);
  e.mutable_score()->set_policy("default");
  e.mutable_score()->set_policy_version(1);
  e.mutable_score()->set_threshold(threshold);
  e.set_team("dach");
  e.set_routing(v1::ROUTING_AUTOMATIC);
  return e;
}

}  // namespace tandem::marketing
