#include "services/sales/deal_rules.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "services/sales/team_definition.h"
#include "services/sales/team_pay.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/decision.h"

namespace tandem::sales {
namespace {

constexpr uint32_t kWhole = 10'000;  // basis points

// The plan that a payee is paid by for a deal won at a time, empty if they have none; nothing for somebody who is
// neither in the team nor the deal's owner.
std::optional<std::string> plan_for(const v1::Opportunity& deal, const v1::Team* team, const std::string& payee,
                                    Instant won_at) {
  if (team != nullptr) {
    if (auto plan = plan_at(*team, payee, won_at)) return plan;
  }
  // An owner who is in the team no more has the plan that the deal was opened with.
  if (payee == deal.owner()) return deal.plan();
  return std::nullopt;
}

Splits all_to_owner(const v1::Opportunity& deal, const v1::Team* team, Instant won_at) {
  Splits splits;
  auto& split = *splits.Add();
  split.set_payee(deal.owner());
  split.set_share_bp(kWhole);
  split.set_plan(plan_for(deal, team, deal.owner(), won_at).value());
  return splits;
}

}  // namespace

std::optional<Error> not_for_caller(const v1::Opportunity& deal, const Context& ctx) {
  if (deal.status() == v1::OPPORTUNITY_STATUS_UNSPECIFIED) {
    return reject(Code::kNotFound, "opportunity", "is not known", "take the id from ListOpportunities");
  }
  if (acts_for_another(ctx.caller(), deal.owner())) {
    return reject(Code::kPermissionDenied, "opportunity", "is somebody else's", "ask " + deal.owner());
  }
  return std::nullopt;
}

std::string describe_closed(const v1::Opportunity& deal) {
  switch (deal.status()) {
    case v1::OPPORTUNITY_STATUS_WON:
      return "was won already, with " + format_money(to_money(deal.amount()));
    case v1::OPPORTUNITY_STATUS_LOST:
      return "was lost already: " + deal.lost_reason();
    case v1::OPPORTUNITY_STATUS_REVERSED:
      return "was taken back as a whole";
    default:
      return "is not closed";
  }
}

void check_amount(const v1::Opportunity& deal, const type::v1::Money& amount, Violations& violations) {
  if (deal.has_expected() && amount.currency() != deal.expected().currency()) {
    violations.add(Code::kInvalidArgument, "amount.currency", "is not the expected one",
                   "use " + deal.expected().currency());
  }
  violations.add(wrong_amount(amount, "amount"));
}

Splits splits_of(const v1::Opportunity& deal, const v1::WinDeal& c, const v1::Team* team, Instant won_at,
                 Violations& violations) {
  if (c.splits().empty()) return all_to_owner(deal, team, won_at);
  Splits splits;
  std::set<std::string> seen;
  uint64_t total = 0;
  for (int i = 0; i < c.splits_size(); ++i) {
    const auto& share = c.splits(i);
    const std::string field = "splits[" + std::to_string(i) + "]";
    total += share.share_bp();
    if (share.share_bp() == 0) {
      violations.add(Code::kInvalidArgument, field + ".share_bp", "is zero", "leave out who gets nothing");
    }
    if (!seen.insert(share.payee()).second) {
      violations.add(Code::kInvalidArgument, field + ".payee", "is there twice", "name each payee once");
    }
    auto& split = *splits.Add();
    split.set_payee(share.payee());
    split.set_share_bp(share.share_bp());
    if (auto plan = plan_for(deal, team, share.payee(), won_at)) {
      split.set_plan(*std::move(plan));
    } else {
      const v1::TeamDefinition nobody;
      add_unknown_member(team == nullptr ? nobody : team->definition(), deal.team(), share.payee(), field + ".payee",
                         violations);
    }
  }
  if (total != kWhole) {
    violations.add(Code::kInvalidArgument, "splits", "total " + std::to_string(total) + " basis points",
                   "make them total 10000");
  }
  return splits;
}

std::optional<Error> wrong_reversal(const Money& amount, const Money& left, bool asked_for) {
  if (!asked_for) return std::nullopt;
  if (amount.currency != left.currency) {
    return reject(Code::kInvalidArgument, "amount.currency", "is not the deal's", "use " + left.currency);
  }
  if (amount.minor <= 0) {
    return reject(Code::kInvalidArgument, "amount.minor_units", "is not above zero",
                  "leave the amount out to take back all that is left");
  }
  if (amount.minor > left.minor) {
    return reject(Code::kOutOfRange, "amount.minor_units", "is more than is left of the deal",
                  "take back at most " + format_money(left));
  }
  return std::nullopt;
}

}  // namespace tandem::sales
