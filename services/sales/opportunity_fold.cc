// How an opportunity's events make its state.
#include "services/sales/credits.h"
#include "services/sales/opportunity.h"
#include "shared/aggregate/convert.h"

namespace tandem::sales {

void Opportunity::evolve(State& s, const v1::OpportunityOpened& e, const EventMeta& meta) {
  s.set_opportunity(e.opportunity());
  s.set_lead(e.lead());
  s.set_customer(e.customer());
  s.set_account(e.account());
  s.set_team(e.team());
  s.set_owner(e.owner());
  s.set_plan(e.plan());
  s.set_manager(e.manager());
  s.set_manager_plan(e.manager_plan());
  s.set_product(e.product());
  if (e.has_expected()) *s.mutable_expected() = e.expected();
  s.set_status(v1::OPPORTUNITY_STATUS_OPEN);
  s.set_pipeline(e.pipeline());
  s.set_stage(e.stage());
  s.set_probability_bp(e.probability_bp());
  *s.mutable_stages() = e.stages();
  s.set_pipeline_version(e.pipeline_version());
  s.set_touch(e.touch());
  s.set_campaign(e.campaign());
  *s.mutable_opened_at() = to_timestamp(meta.occurred_at);
  *s.mutable_stage_since() = s.opened_at();
}

void Opportunity::evolve(State& s, const v1::StageChanged& e, const EventMeta& meta) {
  s.set_stage(e.to());
  s.set_probability_bp(e.probability_bp());
  *s.mutable_stage_since() = to_timestamp(meta.occurred_at);
}

void Opportunity::evolve(State& s, const v1::DealWon& e, const EventMeta&) {
  s.set_status(v1::OPPORTUNITY_STATUS_WON);
  s.set_probability_bp(10'000);
  s.set_product(e.product());
  *s.mutable_amount() = e.amount();
  *s.mutable_splits() = e.splits();
  s.set_manager(e.manager());
  s.set_manager_plan(e.manager_plan());
  if (e.has_terms()) *s.mutable_terms() = e.terms();
  s.set_contract(e.contract());
  *s.mutable_closed_at() = e.won_at();
}

void Opportunity::evolve(State& s, const v1::DealLost& e, const EventMeta& meta) {
  s.set_status(v1::OPPORTUNITY_STATUS_LOST);
  s.set_probability_bp(0);
  s.set_lost_reason(e.reason());
  *s.mutable_closed_at() = to_timestamp(meta.occurred_at);
}

void Opportunity::evolve(State& s, const v1::DealReversed& e, const EventMeta& meta) {
  if (e.whole()) s.set_status(v1::OPPORTUNITY_STATUS_REVERSED);
  *s.mutable_reversed() = e.reversed_in_all();
  *s.mutable_reversed_splits() = sum_of(s.reversed_splits(), e.splits());
  auto& reversal = *s.add_reversals();
  reversal.set_reversal(e.reversal());
  *reversal.mutable_amount() = e.amount();
  reversal.set_reason(e.reason());
  *reversal.mutable_reversed_at() = to_timestamp(meta.occurred_at);
}

Indexes Opportunity::indexes(const State& s) {
  Indexes indexes{order_key(to_instant(s.opened_at())),
                  {{"status", enum_label(s.status())}, {"owner", s.owner()}, {"team", s.team()}, {"stage", s.stage()}}};
  if (!s.customer().empty()) indexes.by.emplace_back("customer", s.customer());
  if (!s.lead().empty()) indexes.by.emplace_back("lead", s.lead());
  return indexes;
}

}  // namespace tandem::sales
