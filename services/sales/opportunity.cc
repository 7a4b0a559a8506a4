#include "services/sales/opportunity.h"

#include <optional>
#include <string>

#include "services/sales/credits.h"
#include "services/sales/deal_rules.h"
#include "services/sales/pipeline.h"
#include "services/sales/team.h"
#include "services/sales/team_pay.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"

namespace tandem::sales {
namespace {

std::optional<Error> not_open(const v1::Opportunity& s) {
  if (s.status() == v1::OPPORTUNITY_STATUS_OPEN) return std::nullopt;
  return reject(Code::kFailedPrecondition, "opportunity", describe_closed(s),
                s.status() == v1::OPPORTUNITY_STATUS_WON ? "reverse it if it is off" : "open another deal");
}

// A won deal is won again with the same words.
bool same(const v1::Opportunity& s, const v1::DealWon& e) {
  if (s.status() != v1::OPPORTUNITY_STATUS_WON || to_money(s.amount()) != to_money(e.amount())) return false;
  if (s.product() != e.product() || s.splits_size() != e.splits_size()) return false;
  for (int i = 0; i < s.splits_size(); ++i) {
    if (s.splits(i).payee() != e.splits(i).payee() || s.splits(i).share_bp() != e.splits(i).share_bp()) return false;
  }
  return s.terms().SerializeAsString() == e.terms().SerializeAsString();
}

v1::DealWon won(const v1::Opportunity& s, const v1::WinDeal& c, Splits splits, const v1::Team* team,
                const Context& ctx) {
  v1::DealWon e;
  e.set_opportunity(s.opportunity());
  e.set_lead(s.lead());
  e.set_customer(s.customer());
  e.set_team(s.team());
  e.set_owner(s.owner());
  e.set_product(c.product().empty() ? s.product() : c.product());
  *e.mutable_amount() = c.amount();
  *e.mutable_splits() = std::move(splits);
  const TeamManager manager =
      team == nullptr ? TeamManager{s.manager(), s.manager_plan()} : manager_at(*team, ctx.occurred_at());
  e.set_manager(manager.manager);
  e.set_manager_plan(manager.plan);
  if (c.has_terms()) *e.mutable_terms() = c.terms();
  *e.mutable_won_at() = to_timestamp(ctx.occurred_at());
  e.set_touch(s.touch());
  e.set_campaign(s.campaign());
  e.set_contract(derive_id("contract", {s.opportunity()}));
  return e;
}

v1::DealReversed reversed(const v1::Opportunity& s, const v1::ReverseDeal& c, const Money& amount, Splits splits,
                          std::string reversal) {
  v1::DealReversed e;
  e.set_opportunity(s.opportunity());
  e.set_reversal(std::move(reversal));
  e.set_customer(s.customer());
  *e.mutable_amount() = to_proto(amount);
  *e.mutable_reversed_in_all() = to_proto({s.reversed().minor_units() + amount.minor, amount.currency});
  *e.mutable_won() = s.amount();
  *e.mutable_splits() = std::move(splits);
  e.set_manager(s.manager());
  e.set_manager_plan(s.manager_plan());
  e.set_reason(c.reason());
  e.set_whole(e.reversed_in_all().minor_units() == s.amount().minor_units());
  *e.mutable_won_at() = s.closed_at();
  e.set_contract(s.contract());
  e.set_owner(s.owner());
  return e;
}

bool was_reversed_by(const v1::Opportunity& s, const std::string& reversal) {
  for (const auto& known : s.reversals()) {
    if (known.reversal() == reversal) return true;
  }
  return false;
}

}  // namespace

References Opportunity::references(const State& s, const v1::WinDeal&) {
  if (s.team().empty()) return {};
  return {ref<Team>(s.team())};
}

Decision Opportunity::decide(const State& s, const v1::MoveStage& c, const Context& ctx) {
  if (auto error = not_for_caller(s, ctx)) return *std::move(error);
  if (auto error = not_open(s)) return *std::move(error);
  const auto* stage = find_stage(s.stages(), c.stage());
  if (stage == nullptr) {
    Violations violations;
    add_unknown_stage(s.stages(), s.pipeline(), c.stage(), violations);
    return violations.take();
  }
  if (s.stage() == c.stage()) return nothing();
  v1::StageChanged e;
  e.set_opportunity(s.opportunity());
  e.set_customer(s.customer());
  e.set_from(s.stage());
  e.set_to(stage->stage());
  e.set_probability_bp(stage->probability_bp());
  return e;
}

Decision Opportunity::decide(const State& s, const v1::WinDeal& c, const Context& ctx) {
  if (auto error = not_for_caller(s, ctx)) return *std::move(error);
  Violations violations;
  check_amount(s, c.amount(), violations);
  const auto* team = ctx.find<Team>(s.team());
  Splits splits = splits_of(s, c, team, ctx.occurred_at(), violations);
  if (!violations.empty()) return violations.take();
  if (auto status = credit(splits, to_money(c.amount()), s.opportunity()); !status.ok()) {
    return with_field(std::move(status).error(), "splits");
  }
  v1::DealWon e = won(s, c, std::move(splits), team, ctx);
  if (same(s, e)) return nothing();
  if (auto error = not_open(s)) return *std::move(error);
  return e;
}

Decision Opportunity::decide(const State& s, const v1::LoseDeal& c, const Context& ctx) {
  if (auto error = not_for_caller(s, ctx)) return *std::move(error);
  if (s.status() == v1::OPPORTUNITY_STATUS_LOST && s.lost_reason() == c.reason()) return nothing();
  if (auto error = not_open(s)) return *std::move(error);
  v1::DealLost e;
  e.set_opportunity(s.opportunity());
  e.set_lead(s.lead());
  e.set_customer(s.customer());
  e.set_team(s.team());
  e.set_owner(s.owner());
  e.set_reason(c.reason());
  return e;
}

Decision Opportunity::decide(const State& s, const v1::ReverseDeal& c, const Context& ctx) {
  if (auto error = not_for_caller(s, ctx)) return *std::move(error);
  const std::string reversal = ctx.derived_id("reversal");
  if (was_reversed_by(s, reversal)) return nothing();
  if (s.status() != v1::OPPORTUNITY_STATUS_WON) {
    return reject(Code::kFailedPrecondition, "opportunity",
                  s.status() == v1::OPPORTUNITY_STATUS_OPEN ? "is still open" : describe_closed(s),
                  "only a deal that is won, and not taken back as a whole, can be reversed");
  }
  const Money left{s.amount().minor_units() - s.reversed().minor_units(), s.amount().currency()};
  const Money amount = c.has_amount() ? to_money(c.amount()) : left;
  if (auto error = wrong_reversal(amount, left, c.has_amount())) return *std::move(error);
  auto splits = take_back(s.splits(), s.reversed_splits(), amount, s.opportunity());
  if (!splits.ok()) return with_field(std::move(splits).error(), "amount");
  return reversed(s, c, amount, std::move(splits).value(), reversal);
}

}  // namespace tandem::sales
