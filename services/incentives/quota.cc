#include "services/incentives/quota.h"

#include "shared/base/decimal.h"

namespace tandem::incentives {
namespace {

using std::chrono::sys_days;

Date first_day(const Period& period) {
  const int month = period.kind == PeriodKind::kMonth ? period.index : (period.index - 1) * 3 + 1;
  return {std::chrono::year(period.year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(1)};
}

std::int64_t months_between(Date from, Date to) {
  return ((to.year() / to.month()) - (from.year() / from.month())).count();
}

PeriodQuota prorated(std::int64_t amount, Date from, const Period& period, v1::Proration proration) {
  const Date begin = first_day(period), end = first_day(period.next());
  PeriodQuota quota{amount};
  if (from <= begin) return quota;
  if (proration == v1::PRORATION_MONTHS) {
    quota.part = months_between(from, end);
    quota.whole = months_between(begin, end);
  } else {
    quota.part = (sys_days(end) - sys_days(from)).count();
    quota.whole = (sys_days(end) - sys_days(begin)).count();
  }
  quota.amount = static_cast<std::int64_t>((Int128{amount} * quota.part * 2 + quota.whole) / (quota.whole * 2));
  return quota;
}

}  // namespace

PeriodQuota quota_of(const v1::PlanDefinition& definition, std::string_view payee, const Period& period) {
  PeriodQuota everyone;
  for (const v1::Quota& quota : definition.quotas()) {
    const std::int64_t amount = quota.amount().minor_units();
    if (quota.payee().empty()) everyone = {amount};
    if (quota.payee() != payee || payee.empty()) continue;
    const auto from = parse_date(quota.from());
    if (!from.ok()) return {amount};
    if (*from < first_day(period.next())) return prorated(amount, *from, period, definition.proration());
  }
  return everyone;
}

}  // namespace tandem::incentives
