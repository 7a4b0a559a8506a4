#include "services/marketing/lead.h"

#include <algorithm>
#include <optional>
#include <string>

#include "services/marketing/score.h"
#include "services/marketing/scoring_policy.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"

namespace tandem::marketing {
namespace {

constexpr int kKeptTouches = 50;
constexpr int kKnownTouches = 1000;

// ---- Rules that disqualify ----
// Looked at when a lead's points have reached the threshold, before it is handed to sales. Each gives the reason why
// the lead is disqualified instead, or nothing. A new rule is a function here and its name in kDisqualifiers. A person
// who qualifies a lead by hand knows better: these rules do not bind them.
using Disqualifier = std::optional<std::string> (*)(const v1::Lead&);

// RFC 2606 reserves .invalid for addresses that are made up.
std::optional<std::string> cannot_be_reached(const v1::Lead& lead) {
  const std::string& domain = lead.facts().email_domain();
  if (!lead.person().phone().empty() || !domain.ends_with(".invalid")) return std::nullopt;
  return "the e-mail domain " + domain + " does not exist, and there is no telephone number";
}

constexpr Disqualifier kDisqualifiers[] = {cannot_be_reached};

std::optional<std::string> disqualifying_reason(const v1::Lead& lead) {
  for (const Disqualifier rule : kDisqualifiers) {
    if (auto reason = rule(lead)) return reason;
  }
  return std::nullopt;
}

// A rule goes by what was known then. When a touch brings more, the rules look again.
bool disqualified_by_rule(const v1::Lead& lead) {
  return lead.status() == v1::LEAD_STATUS_DISQUALIFIED && lead.disqualified_by().empty();
}

Error unknown_lead(const std::string& lead) {
  return reject(Code::kNotFound, "lead", "\"" + lead + "\" is not known", "capture it first, or see ListLeads");
}

v1::LeadQualified qualified(const v1::Lead& lead, const std::string& team, const std::string& by) {
  v1::LeadQualified e;
  e.set_lead(lead.lead());
  e.set_customer(lead.customer());
  e.set_team(team);
  *e.mutable_facts() = lead.facts();
  e.set_points(lead.score().points());
  e.set_qualified_by(by);
  *e.mutable_first_touch() = lead.first_touch();
  *e.mutable_captured_at() = lead.recorded_at();
  return e;
}

v1::LeadDisqualified disqualified(const v1::Lead& lead, const std::string& reason, const std::string& by) {
  v1::LeadDisqualified e;
  e.set_lead(lead.lead());
  e.set_customer(lead.customer());
  e.set_reason(reason);
  e.set_disqualified_by(by);
  return e;
}

// When the newest of what the lead is scored by happened. A touch that comes late must not bring back a policy that
// later touches, or a later scoring, have left behind.
Instant newest_fact(const v1::Lead& lead, const Scorable& scorable, const v1::ScoringPolicy& policy) {
  Instant newest{};
  for (const v1::Touch* touch : scorable.touches) newest = std::max(newest, to_instant(touch->occurred_at()));
  for (const v1::ScoringPolicyVersion& version : policy.versions()) {
    if (version.version() == lead.score().policy_version()) {
      newest = std::max(newest, to_instant(version.effective_from()));
    }
  }
  return newest;
}

void remember(v1::Lead& s, const v1::Touch& touch) {
  *s.add_touches() = touch;
  s.set_touch_count(s.touch_count() + 1);
  s.add_known_touches(stable_hash(touch.touch()));
  if (s.touches_size() > kKeptTouches) s.mutable_touches()->DeleteSubrange(0, s.touches_size() - kKeptTouches);
  if (const int excess = s.known_touches_size() - kKnownTouches; excess > 0) {
    s.mutable_known_touches()->erase(s.known_touches().begin(), s.known_touches().begin() + excess);
  }
}

}  // namespace

bool knows_touch(const v1::Lead& lead, std::string_view touch) {
  const auto& known = lead.known_touches();
  return std::find(known.begin(), known.end(), stable_hash(touch)) != known.end();
}

v1::Score score_lead(const v1::Lead& lead, const v1::Touch* touch, const Context& ctx) {
  Scorable scorable{lead.facts(), !lead.person().email().empty(), !lead.person().phone().empty(), {}, 0};
  if (static_cast<int64_t>(lead.touch_count()) > lead.touches_size()) scorable.touches.push_back(&lead.first_touch());
  for (const v1::Touch& kept : lead.touches()) scorable.touches.push_back(&kept);
  scorable.touch_count = lead.touch_count();
  if (touch != nullptr) {
    scorable.touches.push_back(touch);
    ++scorable.touch_count;
  }
  const auto* policy = ctx.find<ScoringPolicy>(kScoringPolicy);
  if (policy == nullptr) return score(scorable, kScoringPolicy, nullptr);
  const Instant at = touch == nullptr ? ctx.occurred_at() : newest_fact(lead, scorable, *policy);
  return score(scorable, kScoringPolicy, ScoringPolicy::in_force(*policy, at));
}

Decision Lead::decide(const State& s, const v1::QualifyByScore& c, const Context&) {
  if (s.lead().empty()) return unknown_lead(c.lead());
  const bool again = disqualified_by_rule(s);
  if ((s.status() != v1::LEAD_STATUS_NEW && !again) || s.routing() == v1::ROUTING_HELD) return nothing();
  if (!reached(s.score())) return nothing();  // scored again meanwhile
  if (auto reason = disqualifying_reason(s)) {
    if (again) return nothing();
    return disqualified(s, *reason, "");
  }
  return qualified(s, s.team(), "");
}

Decision Lead::decide(const State& s, const v1::QualifyLead& c, const Context& ctx) {
  if (s.lead().empty()) return unknown_lead(c.lead());
  if (s.status() == v1::LEAD_STATUS_QUALIFIED) return nothing();
  const std::string& team = c.team().empty() ? s.team() : c.team();
  if (team.empty()) {
    return reject(Code::kInvalidArgument, "team", "is missing, and the lead has none",
                  "name the sales team that gets it");
  }
  return qualified(s, team, ctx.caller().shown());
}

Decision Lead::decide(const State& s, const v1::DisqualifyLead& c, const Context& ctx) {
  if (s.lead().empty()) return unknown_lead(c.lead());
  // A person may add their word to a rule's: theirs is final, a rule's is not.
  if (s.status() == v1::LEAD_STATUS_DISQUALIFIED && !disqualified_by_rule(s)) return nothing();
  if (s.status() == v1::LEAD_STATUS_QUALIFIED) {
    return reject(Code::kFailedPrecondition, "lead", "is with sales already",
                  "let its owner decline it, or lose the deal");
  }
  return disqualified(s, c.reason(), ctx.caller().shown());
}

Decision Lead::decide(const State& s, const v1::RescoreLead& c, const Context& ctx) {
  if (s.lead().empty()) return unknown_lead(c.lead());
  v1::LeadScored e;
  e.set_lead(s.lead());
  e.set_customer(s.customer());
  *e.mutable_score() = score_lead(s, nullptr, ctx);
  e.set_routing(s.routing());
  if (e.score().SerializeAsString() == s.score().SerializeAsString()) return nothing();
  return e;
}

References Lead::references(const v1::RescoreLead&) { return {ref<ScoringPolicy>(std::string(kScoringPolicy))}; }

void Lead::evolve(State& s, const v1::LeadCaptured& e, const EventMeta& meta) {
  s.set_lead(e.lead());
  s.set_customer(e.customer());
  s.set_status(v1::LEAD_STATUS_NEW);
  *s.mutable_person() = e.person();
  *s.mutable_facts() = e.facts();
  *s.mutable_score() = e.score();
  s.set_team(e.team());
  s.set_routing(e.routing());
  s.set_campaign(e.touch().campaign());
  *s.mutable_first_touch() = e.touch();
  remember(s, e.touch());
  *s.mutable_captured_at() = to_timestamp(meta.occurred_at);
  *s.mutable_recorded_at() = to_timestamp(meta.recorded_at);
}

void Lead::evolve(State& s, const v1::TouchRecorded& e) {
  *s.mutable_person() = e.person();
  *s.mutable_facts() = e.facts();
  *s.mutable_score() = e.score();
  s.set_team(e.team());
  remember(s, e.touch());
}

void Lead::evolve(State& s, const v1::LeadScored& e) { *s.mutable_score() = e.score(); }

void Lead::evolve(State& s, const v1::LeadQualified& e, const EventMeta& meta) {
  s.set_status(v1::LEAD_STATUS_QUALIFIED);
  s.set_team(e.team());
  *s.mutable_qualified_at() = to_timestamp(meta.occurred_at);
  s.set_qualified_by(e.qualified_by());
  s.clear_disqualified_at();
  s.clear_disqualified_by();
  s.clear_disqualification_reason();
}

void Lead::evolve(State& s, const v1::LeadDisqualified& e, const EventMeta& meta) {
  s.set_status(v1::LEAD_STATUS_DISQUALIFIED);
  *s.mutable_disqualified_at() = to_timestamp(meta.occurred_at);
  s.set_disqualified_by(e.disqualified_by());
  s.set_disqualification_reason(e.reason());
}

Indexes Lead::indexes(const State& s) {
  return {order_key(to_instant(s.captured_at())),
          {{"status", enum_label(s.status())}, {"campaign", s.campaign()}, {"team", s.team()}}};
}

}  // namespace tandem::marketing
