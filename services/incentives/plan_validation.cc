#include "services/incentives/plan_validation.h"

#include <cstdint>
#include <set>
#include <utility>

#include "services/incentives/tiers.h"
#include "shared/base/decimal.h"
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "shared/base/violations.h"

namespace tandem::incentives {
namespace {

constexpr int kMaxRate = 10;
constexpr int kRateDecimals = 6;
constexpr int kMaxFactor = 100;
constexpr int kFactorDecimals = 3;

class Checks {
 public:
  explicit Checks(const v1::PlanDefinition& definition) : d_(definition) {}

  std::optional<Error> run() {
    check_head();
    check_tiers();
    check_thresholds();
    check_product_rates();
    check_quotas();
    if (d_.has_cap()) check_amount("cap", d_.cap());
    return wrong_.take_any();
  }

 private:
  void add(const std::string& field, std::string reason, std::string remedy) {
    wrong_.add(invalid("definition." + field, std::move(reason), std::move(remedy)));
  }

  void check_head() {
    if (d_.name().empty()) add("name", "is missing", "give the plan a name that people know it by");
    if (d_.kind() != v1::PLAN_KIND_DIRECT && d_.kind() != v1::PLAN_KIND_OVERRIDE) {
      add("kind", "is missing", "choose PLAN_KIND_DIRECT or PLAN_KIND_OVERRIDE");
    }
    if (!currency_exponent(d_.currency()).ok()) {
      add("currency", "\"" + d_.currency() + "\" is not a currency", "use an ISO 4217 code like EUR");
    }
    if (d_.period() != v1::PERIOD_KIND_MONTH && d_.period() != v1::PERIOD_KIND_QUARTER) {
      add("period", "is missing", "choose PERIOD_KIND_MONTH or PERIOD_KIND_QUARTER");
    }
    if (!find_zone(d_.time_zone()).ok()) {
      add("time_zone", "\"" + d_.time_zone() + "\" is not a time zone", "use an IANA name like Europe/Berlin");
    }
  }

  // The number, if it is one between 0 and max with so many decimals.
  std::optional<Decimal> check_decimal(const std::string& field, const std::string& text, int max, int decimals) {
    const auto value = Decimal::parse(text);
    const std::string range =
        "from 0 to " + std::to_string(max) + " with at most " + std::to_string(decimals) + " decimals";
    if (!value.ok() || value->is_negative() || *value > Decimal::whole(max) || value->scale() > decimals) {
      add(field, "\"" + text + "\" is not a number " + range, "write it like 0.06");
      return std::nullopt;
    }
    return *value;
  }

  void check_tiers() {
    if (d_.tiers().empty()) add("tiers", "has no tier", "add one that begins at 0");
    Decimal highest;
    for (int i = 0; i < d_.tiers_size(); ++i) {
      const v1::Tier& tier = d_.tiers(i);
      const std::string path = "tiers[" + std::to_string(i) + "]";
      const auto rate = check_decimal(path + ".rate", tier.rate(), kMaxRate, kRateDecimals);
      if (tier.mode() != v1::TIER_MODE_GRADUATED && tier.mode() != v1::TIER_MODE_RETROACTIVE) {
        add(path + ".mode", "is missing", "choose TIER_MODE_GRADUATED or TIER_MODE_RETROACTIVE");
      }
      if (!rate) continue;
      if (tier.mode() == v1::TIER_MODE_RETROACTIVE && *rate < highest) {
        add(path + ".rate", "of a retroactive tier is below that of an earlier one: it would take back what was earned",
            "raise it to " + highest.to_string() + " at least, or make the tier graduated");
      }
      highest = std::max(highest, *rate);
    }
  }

  void check_thresholds() {
    bool in_order = true;
    bool has_quota_bp = false;
    for (int i = 0; i < d_.tiers_size(); ++i) {
      has_quota_bp = has_quota_bp || d_.tiers(i).from_quota_bp() != 0;
      in_order = check_threshold(i) && in_order;
    }
    if (!has_quota_bp) return;
    if (d_.quotas().empty()) {
      add("quotas", "is empty, and tiers are in per cent of it", "add a quota, without payee for everyone");
    }
    for (int i = 0; in_order && i < d_.quotas_size(); ++i) check_order_with_quota(i);
  }

  // Against the tier before it, where both are of one sort.
  bool check_threshold(int i) {
    const v1::Tier& tier = d_.tiers(i);
    const bool by_amount = tier.threshold_case() == v1::Tier::kFromMinorUnits;
    const std::string path = "tiers[" + std::to_string(i) + "].";
    if (tier.threshold_case() == v1::Tier::THRESHOLD_NOT_SET) {
      add(path + "from_minor_units", "is missing", "say where the tier begins; the first begins at 0");
      return false;
    }
    const std::string field = path + (by_amount ? "from_minor_units" : "from_quota_bp");
    const std::int64_t from = by_amount ? tier.from_minor_units() : tier.from_quota_bp();
    if (i == 0) {
      if (from != 0) add(field, "is not 0: credit below it would have no tier", "let the first tier begin at 0");
      return from == 0;
    }
    const v1::Tier& previous = d_.tiers(i - 1);
    const bool same_sort = tier.threshold_case() == previous.threshold_case();
    const std::int64_t least = !same_sort ? 0 : by_amount ? previous.from_minor_units() : previous.from_quota_bp();
    if (from > least) return true;
    add(field, "is not above the tier before it", "order tiers by their thresholds, each above the last");
    return false;
  }

  // Amounts and per cent of a quota can only be compared for a quota.
  void check_order_with_quota(int index) {
    const v1::Quota& quota = d_.quotas(index);
    if (quota.amount().minor_units() <= 0) return;
    const auto bands = bands_of(d_, {quota.amount().minor_units()});
    if (!bands.ok()) return;  // a rate that is reported above
    for (std::size_t i = 1; i < bands->size(); ++i) {
      if ((*bands)[i].from > (*bands)[i - 1].from) continue;
      add("tiers[" + std::to_string(i) + "]",
          "is not above the tier before it for the quota of " + (quota.payee().empty() ? "everyone" : quota.payee()),
          "order tiers by their thresholds, or use only amounts or only per cent of quota");
    }
  }

  void check_product_rates() {
    std::set<std::string> seen;
    for (int i = 0; i < d_.product_rates_size(); ++i) {
      const v1::ProductRate& rate = d_.product_rates(i);
      const std::string path = "product_rates[" + std::to_string(i) + "]";
      if (rate.product().empty()) add(path + ".product", "is missing", "name the product");
      if (!seen.insert(rate.product()).second) add(path + ".product", "is there twice", "keep one factor a product");
      check_decimal(path + ".factor", rate.factor(), kMaxFactor, kFactorDecimals);
    }
  }

  void check_quotas() {
    std::set<std::string> seen;
    for (int i = 0; i < d_.quotas_size(); ++i) {
      const std::string path = "quotas[" + std::to_string(i) + "]";
      if (!seen.insert(d_.quotas(i).payee()).second) add(path + ".payee", "is there twice", "keep one quota a payee");
      check_amount(path + ".amount", d_.quotas(i).amount());
      if (!d_.quotas(i).from().empty()) check_begin(path, d_.quotas(i));
    }
  }

  void check_begin(const std::string& path, const v1::Quota& quota) {
    if (!parse_date(quota.from()).ok()) {
      add(path + ".from", "\"" + quota.from() + "\" is not a day", "write it like 2026-10-16");
    }
    if (quota.payee().empty()) {
      add(path + ".from", "begins for nobody in particular", "name the payee; for everyone publish a version");
    }
    if (d_.proration() != v1::PRORATION_DAYS && d_.proration() != v1::PRORATION_MONTHS) {
      add("proration", "is missing, and a quota has a day on which it begins",
          "choose PRORATION_DAYS or PRORATION_MONTHS");
    }
  }

  void check_amount(const std::string& path, const type::v1::Money& amount) {
    if (amount.minor_units() <= 0) add(path + ".minor_units", "is not positive", "give an amount above 0");
    if (amount.currency() != d_.currency()) {
      add(path + ".currency", "\"" + amount.currency() + "\" is not the plan's", "give it in " + d_.currency());
    }
  }

  const v1::PlanDefinition& d_;
  Violations wrong_;
};

std::string canonical(const std::string& number) {
  const auto value = Decimal::parse(number);
  return value.ok() ? value->to_string() : number;
}

}  // namespace

std::optional<Error> violations_of(const v1::PlanDefinition& definition) { return Checks(definition).run(); }

v1::PlanDefinition normalised(v1::PlanDefinition definition) {
  for (v1::Tier& tier : *definition.mutable_tiers()) tier.set_rate(canonical(tier.rate()));
  for (v1::ProductRate& rate : *definition.mutable_product_rates()) rate.set_factor(canonical(rate.factor()));
  return definition;
}

}  // namespace tandem::incentives
