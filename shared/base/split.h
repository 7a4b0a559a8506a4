// Splitting a whole into parts that always sum to it: largest remainder, signed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/base/result.h"

namespace tandem {

// Splits `total` (minor units, any sign) by integer weights (basis points, millionths, amounts: only their proportion
// counts). Part i is total * weights[i] / sum(weights), cut toward zero; the units left over go one each to the largest
// fractions, ties to the smaller tie key. Then the parts sum to `total` exactly, a negative total gives the mirror
// image of the positive one, and a weight of zero gets nothing.
//
// A tie key is to be stable and fair: the hash of what is split and who gets it (stable_hash(deal, payee)), so that not
// the same person gets every odd cent. With distinct keys the result does not depend on the order of the parts; equal
// keys fall back to the order given.
//
// INVALID_ARGUMENT when there are no weights, one is negative, all are zero, or there are not as many tie keys.
Result<std::vector<std::int64_t>> split_largest_remainder(std::int64_t total, std::span<const std::int64_t> weights,
                                                          std::span<const std::uint64_t> tie_keys);

}  // namespace tandem
