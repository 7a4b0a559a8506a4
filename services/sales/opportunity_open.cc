// How an opportunity begins.
#include <optional>
#include <string>

#include "services/sales/opportunity.h"
#include "services/sales/pipeline.h"
#include "services/sales/team.h"
#include "services/sales/team_definition.h"
#include "shared/aggregate/convert.h"
#include "shared/base/identity.h"
#include "shared/base/text.h"

namespace tandem::sales {
namespace {

bool exists(const v1::Opportunity& s) { return s.status() != v1::OPPORTUNITY_STATUS_UNSPECIFIED; }

void set_stages(v1::OpportunityOpened& e, const v1::Pipeline& pipeline, const v1::Stage& stage) {
  e.set_pipeline(pipeline.pipeline());
  e.set_pipeline_version(pipeline.version());
  *e.mutable_stages() = pipeline.definition().stages();
  e.set_stage(stage.stage());
  e.set_probability_bp(stage.probability_bp());
}

std::string customer_of(const v1::OpenDeal& c) {
  if (!c.customer().empty() || !c.lead().empty()) return c.customer();
  return account_customer_id(c.account());
}

void check_parties(const v1::OpenDeal& c, Violations& violations) {
  if (!c.customer().empty()) return;
  if (!c.lead().empty()) {
    violations.add(Code::kInvalidArgument, "customer", "is missing for a deal with a lead", "give the lead's customer");
  } else if (trim(c.account()).empty()) {
    violations.add(Code::kInvalidArgument, "account", "is missing for a deal without customer",
                   "name the company, or give the customer");
  }
}

// What was opened is what is asked for now.
std::optional<Error> differs(const v1::Opportunity& s, const v1::OpenDeal& c) {
  Violations violations;
  const auto compare = [&](const std::string& is, const std::string& asked, const char* field) {
    if (is == asked) return;
    violations.add(Code::kAlreadyExists, field,
                   "of deal " + s.opportunity() + " is \"" + is + "\", not \"" + asked + "\"",
                   "use another id for another deal");
  };
  compare(s.lead(), c.lead(), "lead");
  compare(s.customer(), customer_of(c), "customer");
  compare(s.team(), c.team(), "team");
  compare(s.owner(), c.owner(), "owner");
  compare(s.pipeline(), c.pipeline(), "pipeline");
  compare(format_money(to_money(s.expected())), format_money(to_money(c.expected())), "expected");
  if (violations.empty()) return std::nullopt;
  return violations.take();
}

}  // namespace

References Opportunity::references(const v1::OpenOpportunity& c) { return {ref<Pipeline>(c.pipeline())}; }

References Opportunity::references(const v1::OpenDeal& c) { return {ref<Team>(c.team()), ref<Pipeline>(c.pipeline())}; }

Decision Opportunity::decide(const State& s, const v1::OpenOpportunity& c, const Context& ctx) {
  if (exists(s)) return nothing();
  const auto* pipeline = ctx.find<Pipeline>(c.pipeline());
  if (pipeline == nullptr || pipeline->definition().stages().empty()) {
    return reject(Code::kNotFound, "pipeline", "\"" + c.pipeline() + "\" is not defined",
                  "define it with DefinePipeline, then try again");
  }
  v1::OpportunityOpened e;
  e.set_opportunity(ctx.id());
  e.set_lead(c.lead().lead());
  e.set_customer(c.lead().customer());
  e.set_team(c.team());
  e.set_owner(c.owner());
  e.set_plan(c.plan());
  e.set_manager(c.manager());
  e.set_manager_plan(c.manager_plan());
  e.set_product(c.lead().product());
  if (c.lead().has_value()) *e.mutable_expected() = c.lead().value();
  e.set_touch(c.lead().touch());
  e.set_campaign(c.lead().campaign());
  set_stages(e, *pipeline, pipeline->definition().stages(0));
  return e;
}

Decision Opportunity::decide(const State& s, const v1::OpenDeal& c, const Context& ctx) {
  if (acts_for_another(ctx.caller(), c.owner())) {
    return reject(Code::kPermissionDenied, "owner", "is not the caller", "open deals of your own");
  }
  Violations violations;
  check_parties(c, violations);
  if (c.has_expected()) violations.add(wrong_amount(c.expected(), "expected"));
  if (violations.empty() && exists(s)) {
    if (auto error = differs(s, c)) return *std::move(error);
    return nothing();
  }
  const auto* team = ctx.find<Team>(c.team());
  const v1::MemberDefinition* owner = nullptr;
  if (team == nullptr) {
    violations.add(Code::kNotFound, "team", "\"" + c.team() + "\" is not defined", "define it with DefineTeam first");
  } else if ((owner = find_member(team->definition(), c.owner())) == nullptr) {
    add_unknown_member(team->definition(), c.team(), c.owner(), "owner", violations);
  }
  const auto* pipeline = ctx.find<Pipeline>(c.pipeline());
  const v1::Stage* stage = nullptr;
  if (pipeline == nullptr || pipeline->definition().stages().empty()) {
    violations.add(Code::kNotFound, "pipeline", "\"" + c.pipeline() + "\" is not defined",
                   "define it with DefinePipeline first");
  } else {
    const auto& stages = pipeline->definition().stages();
    stage = c.stage().empty() ? &stages[0] : find_stage(stages, c.stage());
    if (stage == nullptr) add_unknown_stage(stages, c.pipeline(), c.stage(), violations);
  }
  if (!violations.empty()) return violations.take();

  v1::OpportunityOpened e;
  e.set_opportunity(ctx.id());
  e.set_lead(c.lead());
  e.set_customer(customer_of(c));
  e.set_account(std::string(trim(c.account())));
  e.set_team(c.team());
  e.set_owner(c.owner());
  e.set_plan(owner->plan());
  e.set_manager(team->definition().manager());
  e.set_manager_plan(team->definition().manager_plan());
  e.set_product(c.product());
  if (c.has_expected()) *e.mutable_expected() = c.expected();
  e.set_touch(c.touch());
  e.set_campaign(c.campaign());
  set_stages(e, *pipeline, *stage);
  return e;
}

}  // namespace tandem::sales
