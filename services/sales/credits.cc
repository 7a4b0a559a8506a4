#include "services/sales/credits.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "shared/base/split.h"

namespace tandem::sales {
namespace {

Status distribute(Splits& splits, const std::vector<int64_t>& weights, const Money& amount, const std::string& deal) {
  std::vector<uint64_t> ties;
  for (const auto& split : splits) ties.push_back(stable_hash({deal, split.payee()}));
  TANDEM_ASSIGN_OR_RETURN(const auto parts, split_largest_remainder(amount.minor, weights, ties));
  for (int i = 0; i < splits.size(); ++i) {
    *splits[i].mutable_credit() = to_proto({parts[static_cast<size_t>(i)], amount.currency});
  }
  return {};
}

}  // namespace

Status credit(Splits& splits, const Money& amount, const std::string& deal) {
  std::vector<int64_t> weights;
  for (const auto& split : splits) weights.push_back(split.share_bp());
  return distribute(splits, weights, amount, deal);
}

Result<Splits> take_back(const Splits& won, const Splits& reversed, const Money& amount, const std::string& deal) {
  Splits now = won;
  std::vector<int64_t> left;
  for (int i = 0; i < won.size(); ++i) {
    const int64_t lost = i < reversed.size() ? reversed[i].credit().minor_units() : 0;
    left.push_back(won[i].credit().minor_units() - lost);
  }
  // A deal won for nothing.
  if (std::all_of(left.begin(), left.end(), [](int64_t minor) { return minor == 0; })) {
    for (auto& split : now) *split.mutable_credit() = to_proto({0, amount.currency});
    return now;
  }
  TANDEM_RETURN_IF_ERROR(distribute(now, left, amount, deal));
  return now;
}

Splits sum_of(const Splits& reversed, const Splits& now) {
  Splits sum = now;
  for (int i = 0; i < sum.size() && i < reversed.size(); ++i) {
    sum[i].mutable_credit()->set_minor_units(now[i].credit().minor_units() + reversed[i].credit().minor_units());
  }
  return sum;
}

}  // namespace tandem::sales
