#include "services/incentives/earning.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "services/incentives/entries.h"
#include "services/incentives/plan.h"
#include "services/incentives/tiers.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/decision.h"

namespace tandem::incentives {
namespace {

// A true-up names and explains so many deals one by one, and the others as one: the entry is copied into several
// events, and is to fit into a message of the log.
constexpr int kExplainedDeals = 100;
constexpr char kRetry[] = ", then retry this command where it is parked";

Decimal factor_from(const std::string& text) { return text.empty() ? Decimal::whole(1) : Decimal::parse(text).value(); }

std::string factor_of(const v1::PlanDefinition& definition, const std::string& product) {
  for (const v1::ProductRate& rate : definition.product_rates()) {
    if (rate.product() == product && !product.empty() && rate.factor() != "1") return rate.factor();
  }
  return {};
}

// A sum that is rounded as it grows, under a cap.
class RunningPay {
 public:
  RunningPay(ExactSum so_far, std::int64_t room) : sum_(so_far), room_(room) {}

  struct Part {
    std::int64_t due = 0;   // what the rounded sum grew by
    std::int64_t paid = 0;  // what the cap let through
  };
  Result<Part> add(const ExactSum& value) {
    TANDEM_ASSIGN_OR_RETURN(const std::int64_t before, sum_.rounded());
    TANDEM_RETURN_IF_ERROR(sum_.add(value));
    TANDEM_ASSIGN_OR_RETURN(const std::int64_t after, sum_.rounded());
    const Part part{after - before, std::min(after - before, room_)};
    room_ -= part.paid;
    return part;
  }
  const ExactSum& sum() const { return sum_; }

 private:
  ExactSum sum_;
  std::int64_t room_;
};

class Earning {
 public:
  Earning(const v1::Ledger& ledger, const v1::Earn& command, const v1::Plan& plan, const Context& context)
      : ledger_(ledger), c_(command), plan_(plan), context_(context) {}

  Result<v1::CommissionEarned> run() {
    TANDEM_RETURN_IF_ERROR(choose_version());
    TANDEM_RETURN_IF_ERROR(choose_period());
    TANDEM_RETURN_IF_ERROR(choose_bands());
    TANDEM_RETURN_IF_ERROR(fill_head());
    RunningPay pay(to_exact(before_.rated()), room());
    TANDEM_RETURN_IF_ERROR(earning(pay));
    TANDEM_RETURN_IF_ERROR(true_up(pay));
    TANDEM_ASSIGN_OR_RETURN(*e_.mutable_period_rated(), to_proto(pay.sum()));
    return std::move(e_);
  }

 private:
  const v1::PlanDefinition& definition() const { return version_->definition(); }
  const std::string& currency() const { return plan_.currency(); }

  Status choose_version() {
    version_ = version_in_force(plan_, to_instant(c_.won_at()));
    if (version_ == nullptr) {
      return reject(Code::kFailedPrecondition, "plan",
                    c_.plan() + " has no version in force at " + format_instant(to_instant(c_.won_at())),
                    "publish one that is effective from then or earlier" + std::string(kRetry));
    }
    if (definition().kind() != c_.credit_kind()) {
      return reject(
          Code::kFailedPrecondition, "plan", c_.plan() + " is not of the kind that the deal's credit needs",
          "put direct plans on members and override plans on managers; discard this command if nothing is due");
    }
    if (c_.credit().currency() != currency()) {
      return reject(Code::kFailedPrecondition, "credit.currency",
                    "is " + c_.credit().currency() + ", the plan " + c_.plan() + " pays on " + currency(),
                    "put the payee on a plan in the deal's currency; discard this command if nothing is due");
    }
    return {};
  }

  Status choose_period() {
    const auto zone = find_zone(definition().time_zone());
    if (!zone.ok()) {
      return reject(
          Code::kFailedPrecondition, "plan",
          c_.plan() + " is in the time zone " + definition().time_zone() + ", which this machine does not know",
          "install its time zone data" + std::string(kRetry));
    }
    const auto kind = definition().period() == v1::PERIOD_KIND_QUARTER ? PeriodKind::kQuarter : PeriodKind::kMonth;
    calendar_ = period_of(to_instant(c_.won_at()), kind, *zone);
    period_ = calendar_.to_string();
    for (int i = 0; i < ledger_.periods_size(); ++i) {
      if (ledger_.periods(i).period() != period_) continue;
      period_index_ = i;
      before_ = ledger_.periods(i);
    }
    return {};
  }

  Status choose_bands() {
    quota_ = quota_of(definition(), c_.payee(), calendar_);
    auto bands = bands_of(definition(), quota_);
    if (bands.code() == Code::kFailedPrecondition) {
      return reject(bands.code(), "plan", c_.plan() + " has tiers in per cent of a quota, and none for " + c_.payee(),
                    "publish a version with their quota and the same effective date" + std::string(kRetry));
    }
    TANDEM_RETURN_IF_ERROR(bands);
    bands_[version_->version()] = *std::move(bands);
    return {};
  }

  Status fill_head() {
    credited_before_ = before_.credited().minor_units() - before_.credit_taken_back().minor_units();
    TANDEM_ASSIGN_OR_RETURN(credited_after_, add_minor(credited_before_, c_.credit().minor_units()));
    e_.set_ledger(ledger_id(c_.payee(), c_.plan()));
    e_.set_payee(c_.payee());
    e_.set_plan(c_.plan());
    e_.set_plan_version(version_->version());
    e_.set_deal(c_.deal());
    e_.set_period(period_);
    *e_.mutable_credit() = c_.credit();
    *e_.mutable_credited_before() = money(credited_before_, currency());
    *e_.mutable_credited_after() = money(credited_after_, currency());
    if (quota_.amount) *e_.mutable_quota() = money(*quota_.amount, currency());
    e_.set_credit_kind(c_.credit_kind());
    e_.set_factor(factor_of(definition(), c_.product()));
    return {};
  }

  // What the cap still lets through.
  std::int64_t room() const {
    if (!definition().has_cap()) return std::numeric_limits<std::int64_t>::max();
    return std::max<std::int64_t>(0, definition().cap().minor_units() - before_.earned().minor_units());
  }

  v1::Entry& add_entry(v1::EntryKind kind) {
    v1::Entry& entry = *e_.add_entries();
    entry.set_entry(entry_id(e_.ledger(), c_.deal(), kind));
    entry.set_kind(kind);
    entry.set_deal(c_.deal());
    entry.set_payee(c_.payee());
    entry.set_plan(c_.plan());
    entry.set_plan_version(version_->version());
    entry.set_period(period_);
    *entry.mutable_happened_at() = c_.won_at();
    entry.set_cause_event(context_.cause_event());
    return entry;
  }

  std::string head_text(const Working& working) const {
    std::string text = "plan \"" + definition().name() + "\" version " + std::to_string(version_->version()) + ", " +
                       period_ + " (" + definition().time_zone() + "): credit " +
                       working.amount_text(credited_before_) + " before this deal, " +
                       working.amount_text(credited_after_) + " with it";
    if (!quota_.amount) return text;
    text += ", quota " + working.amount_text(*quota_.amount);
    if (quota_.part == quota_.whole) return text;
    const bool by_months = definition().proration() == v1::PRORATION_MONTHS;
    return text + " for " + std::to_string(quota_.part) + " of " + std::to_string(quota_.whole) +
           (by_months ? " months" : " days");
  }

  Status earning(RunningPay& pay) {
    const Decimal factor = factor_from(e_.factor());
    TANDEM_ASSIGN_OR_RETURN(
        const Price p, price(bands_[version_->version()], credited_before_, credited_after_, credited_after_, factor));
    const bool is_override = c_.credit_kind() == v1::PLAN_KIND_OVERRIDE;
    v1::Entry& entry = add_entry(is_override ? v1::ENTRY_KIND_OVERRIDE : v1::ENTRY_KIND_EARNING);
    Working working(entry, currency());
    working.note(head_text(working));
    RunningPay::Part all;
    for (const Slice& slice : p.slices) {
      TANDEM_ASSIGN_OR_RETURN(const RunningPay::Part part, pay.add(slice.value));
      working.slice(slice, factor, part.due);
      all.due += part.due;
      all.paid += part.paid;
    }
    working.cap(definition().cap().minor_units(), period_, all.due, all.paid);
    set_amount(entry, all.paid, currency());
    TANDEM_ASSIGN_OR_RETURN(*e_.mutable_rated(), to_proto(p.value));
    e_.set_retroactive_tier(p.retroactive_tier);
    return {};
  }

  // The tiers that pay a deal: of its own version, which is the one of its date.
  Result<const Bands*> bands_of_version(std::uint32_t number) {
    auto found = bands_.find(number);
    if (found != bands_.end()) return &found->second;
    const v1::PlanVersion* version = version_of(plan_, number);
    if (version == nullptr) {
      return reject(Code::kFailedPrecondition, "plan", "has no version " + std::to_string(number) + " any more",
                    "publish the plan again as it was");
    }
    TANDEM_ASSIGN_OR_RETURN(Bands bands,
                            bands_of(version->definition(), quota_of(version->definition(), c_.payee(), calendar_)));
    return &bands_.emplace(number, std::move(bands)).first->second;
  }

  Status true_up(RunningPay& pay) {
    v1::Entry entry_if_any;
    Working working(entry_if_any, currency());
    RunningPay::Part all;
    std::int64_t more_credit = 0, more_due = 0;
    for (const v1::LedgerDeal& deal : ledger_.deals()) {
      const std::int64_t credit = deal.credit() - deal.credit_taken_back();
      if (static_cast<int>(deal.period_index()) != period_index_ || credit == 0) continue;
      TANDEM_ASSIGN_OR_RETURN(const Bands* bands, bands_of_version(deal.plan_version()));
      const std::uint32_t tier = reached(*bands, credited_after_);
      if (tier <= deal.retroactive_tier()) continue;
      const Decimal factor = factor_from(deal.factor());
      TANDEM_ASSIGN_OR_RETURN(const ExactSum value, value_at(*bands, tier, credit, factor));
      // Not below zero: parts that were clawed back may have left a billionth too much.
      const Int128 growth = std::max<Int128>(0, value.billionths() - to_exact(deal.rated()).billionths());
      TANDEM_ASSIGN_OR_RETURN(const RunningPay::Part part, pay.add(ExactSum::of_billionths(growth)));
      if (e_.true_up_shares_size() < kExplainedDeals) {
        working.true_up(deal, tier, (*bands)[tier - 1].rate, factor, part.due);
      } else {
        more_credit += credit;
        more_due += part.due;
      }
      TANDEM_RETURN_IF_ERROR(add_share(deal, tier, value, part.paid));
      all.due += part.due;
      all.paid += part.paid;
    }
    if (e_.true_up_shares().empty()) return {};
    working.more_true_ups(std::max(0, e_.true_up_shares_size() - kExplainedDeals), more_credit, more_due);
    v1::Entry& entry = add_entry(v1::ENTRY_KIND_TRUE_UP);
    entry.mutable_working()->Swap(entry_if_any.mutable_working());
    Working(entry, currency()).cap(definition().cap().minor_units(), period_, all.due, all.paid);
    for (int i = 0; i < std::min(kExplainedDeals, e_.true_up_shares_size()); ++i) {
      entry.add_cites(e_.true_up_shares(i).deal());
    }
    set_amount(entry, all.paid, currency());
    return {};
  }

  Status add_share(const v1::LedgerDeal& deal, std::uint32_t tier, const ExactSum& value, std::int64_t paid) {
    v1::TrueUpShare& share = *e_.add_true_up_shares();
    share.set_deal(deal.deal());
    share.set_amount_minor_units(paid);
    share.set_retroactive_tier(tier);
    TANDEM_ASSIGN_OR_RETURN(*share.mutable_rated(), to_proto(value));
    return {};
  }

  const v1::Ledger& ledger_;
  const v1::Earn& c_;
  const v1::Plan& plan_;
  const Context& context_;
  const v1::PlanVersion* version_ = nullptr;
  PeriodQuota quota_;
  std::map<std::uint32_t, Bands> bands_;  // by version
  Period calendar_;
  std::string period_;  // its name
  int period_index_ = -1;
  v1::LedgerPeriod before_;
  std::int64_t credited_before_ = 0;
  std::int64_t credited_after_ = 0;
  v1::CommissionEarned e_;
};

}  // namespace

Result<v1::CommissionEarned> earn(const v1::Ledger& ledger, const v1::Earn& command, const v1::Plan& plan,
                                  const Context& context) {
  return Earning(ledger, command, plan, context).run();
}

}  // namespace tandem::incentives
