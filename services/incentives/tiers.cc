#include "services/incentives/tiers.h"

#include <algorithm>
#include <limits>

namespace tandem::incentives {
namespace {

constexpr Int128 kBillion = 1'000'000'000;
constexpr std::int64_t kWholeQuotaBp = 10'000;

Int128 divide_up(Int128 value, Int128 by) { return (value + by - 1) / by; }

Result<std::int64_t> threshold_of(const v1::Tier& tier, const PeriodQuota& quota) {
  if (tier.threshold_case() != v1::Tier::kFromQuotaBp) {
    return static_cast<std::int64_t>(divide_up(Int128{tier.from_minor_units()} * quota.part, quota.whole));
  }
  if (tier.from_quota_bp() == 0) return std::int64_t{0};
  if (!quota.amount) {
    return make_error(Code::kFailedPrecondition, "quota", "is missing, and tiers are in per cent of it",
                      "publish the plan with a quota for the payee or for everyone");
  }
  const Int128 rounded_up = divide_up(Int128{*quota.amount} * tier.from_quota_bp(), kWholeQuotaBp);
  if (rounded_up > std::numeric_limits<std::int64_t>::max()) {
    return make_error(Code::kOutOfRange, "quota", "is too large", "lower it");
  }
  return static_cast<std::int64_t>(rounded_up);
}

std::int64_t end_of(const Bands& bands, std::size_t index) {
  return index + 1 < bands.size() ? bands[index + 1].from : std::numeric_limits<std::int64_t>::max();
}

Status add_slice(const Bands& bands, std::size_t paying, std::int64_t from, std::int64_t to, const Decimal& factor,
                 Price& into) {
  if (from >= to) return {};
  const auto tier = static_cast<std::uint32_t>(paying + 1);
  TANDEM_ASSIGN_OR_RETURN(ExactSum value, value_at(bands, tier, to - from, factor));
  TANDEM_RETURN_IF_ERROR(into.value.add(value));
  into.slices.push_back({tier, from, to, bands[paying].rate, value});
  return {};
}

}  // namespace

Result<Bands> bands_of(const v1::PlanDefinition& definition, const PeriodQuota& quota) {
  Bands bands;
  for (const v1::Tier& tier : definition.tiers()) {
    TANDEM_ASSIGN_OR_RETURN(const std::int64_t from, threshold_of(tier, quota));
    TANDEM_ASSIGN_OR_RETURN(const Decimal rate, Decimal::parse(tier.rate()));
    bands.push_back({from, rate, tier.mode() == v1::TIER_MODE_RETROACTIVE});
  }
  return bands;
}

std::uint32_t reached(const Bands& bands, std::int64_t total) {
  std::uint32_t tier = 0;
  for (std::size_t i = 0; i < bands.size() && bands[i].from <= total; ++i) {
    if (bands[i].retroactive) tier = static_cast<std::uint32_t>(i + 1);
  }
  return tier;
}

Result<Price> price(const Bands& bands, std::int64_t from, std::int64_t to, std::int64_t total, const Decimal& factor) {
  Price result;
  result.retroactive_tier = reached(bands, total);
  std::size_t next = 0;  // the first tier that pays its own slice
  if (result.retroactive_tier > 0) {
    next = result.retroactive_tier;
    TANDEM_RETURN_IF_ERROR(add_slice(bands, next - 1, from, std::min(to, end_of(bands, next - 1)), factor, result));
  }
  for (; next < bands.size(); ++next) {
    TANDEM_RETURN_IF_ERROR(
        add_slice(bands, next, std::max(from, bands[next].from), std::min(to, end_of(bands, next)), factor, result));
  }
  return result;
}

Result<ExactSum> value_at(const Bands& bands, std::uint32_t tier, std::int64_t credit, const Decimal& factor) {
  TANDEM_ASSIGN_OR_RETURN(const Decimal rate, multiply(bands[tier - 1].rate, factor));
  ExactSum value;
  TANDEM_RETURN_IF_ERROR(value.add(credit, rate));
  return value;
}

ExactSum share_of(const ExactSum& value, std::int64_t part, std::int64_t whole) {
  // In two steps, so that no product leaves 128 bits.
  const Int128 quotient = value.billionths() / whole;
  const Int128 rest = value.billionths() % whole;
  return ExactSum::of_billionths(quotient * part + rest * part / whole);
}

ExactSum to_exact(const v1::ExactAmount& amount) {
  return ExactSum::of_billionths(Int128{amount.minor_units()} * kBillion + amount.billionths());
}

Result<v1::ExactAmount> to_proto(const ExactSum& sum) {
  const Int128 whole = sum.billionths() / kBillion;
  if (whole > std::numeric_limits<std::int64_t>::max() || whole < std::numeric_limits<std::int64_t>::min()) {
    return make_error(Code::kOutOfRange, "amount", "is too large", "book it in parts");
  }
  v1::ExactAmount amount;
  amount.set_minor_units(static_cast<std::int64_t>(whole));
  amount.set_billionths(static_cast<std::int32_t>(sum.billionths() % kBillion));
  return amount;
}

}  // namespace tandem::incentives
