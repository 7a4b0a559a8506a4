#include "shared/base/split.h"

#include <algorithm>
#include <numeric>

#include "shared/base/decimal.h"

namespace tandem {
namespace {

Result<Int128> sum_of_weights(std::span<const std::int64_t> weights) {
  if (weights.empty()) return invalid("weights", "is empty", "name at least one part");
  Int128 sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0) {
      return invalid("weights[" + std::to_string(i) + "]", "is negative", "use weights of zero or more");
    }
    sum += weights[i];
  }
  if (sum == 0) return invalid("weights", "are all zero", "give at least one part a weight above zero");
  return sum;
}

}  // namespace

Result<std::vector<std::int64_t>> split_largest_remainder(std::int64_t total, std::span<const std::int64_t> weights,
                                                          std::span<const std::uint64_t> tie_keys) {
  TANDEM_ASSIGN_OR_RETURN(const Int128 sum, sum_of_weights(weights));
  if (tie_keys.size() != weights.size()) {
    return invalid("tie_keys",
                   "are " + std::to_string(tie_keys.size()) + " for " + std::to_string(weights.size()) + " weights",
                   "give one to each weight");
  }
  // All in magnitudes, the sign at the end: that makes a refund the mirror image of its sale. 128 bits, since the
  // magnitude of the least int64 is no int64, and products take 126.
  const Int128 magnitude = total < 0 ? -Int128{total} : Int128{total};
  const std::size_t count = weights.size();
  std::vector<Int128> parts(count);
  std::vector<Int128> fractions(count);  // in units of 1 / sum
  Int128 left_over = magnitude;
  for (std::size_t i = 0; i < count; ++i) {
    const Int128 product = magnitude * weights[i];
    parts[i] = product / sum;
    fractions[i] = product % sum;
    left_over -= parts[i];
  }
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (fractions[a] != fractions[b]) return fractions[a] > fractions[b];
    return tie_keys[a] < tie_keys[b];
  });
  // There are fewer units left than parts with a fraction, so nobody gets two and a weight of zero gets none.
  for (std::size_t i = 0; i < static_cast<std::size_t>(left_over); ++i) ++parts[order[i]];

  std::vector<std::int64_t> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<std::int64_t>(total < 0 ? -parts[i] : parts[i]);
  return result;
}

}  // namespace tandem
