// What tiers pay: pure arithmetic in whole minor units and exact rates, rounded in one place.
//
// Tier i has the band [t_i, t_i+1) of the period's credit, lower bound inclusive; the first begins at 0, the last has
// no end. When the credit of a period is T, reached(T) is the last retroactive tier with t_i <= T, if there is one. The
// unit of credit at position p (0 is the period's first) is then paid at
//
//   rate(p, T) = the rate of reached(T), if p lies below the end of that tier's band; else the rate of p's own tier.
//
// So graduated tiers pay their own slice, and a retroactive one, once reached, pays all up to its end. Credit of a
// product with factor q that takes the period from A to B is worth
//
//   value = q * (sum of rate(p, B) over the positions p in [A, B))
//
// and if it reaches another retroactive tier, each earlier deal of the period with credit c and factor q' is worth
// q' * c * (rate of reached(B)) from then on: the difference is the true-up.
//
// With one factor, the values of all deals sum to f(T) = sum of rate(p, T) over [0, T): the total depends on the sum of
// credit only, in whatever order it came. With several factors it depends on which positions each deal took: they are
// taken in the order in which the ledger learns of the deals, which the log keeps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/incentives/quota.h"
#include "shared/base/decimal.h"
#include "shared/base/result.h"
#include "tandem/incentives/v1/events.pb.h"

namespace tandem::incentives {

// A tier whose threshold is an amount.
struct Band {
  std::int64_t from = 0;  // minor units of credit
  Decimal rate;
  bool retroactive = false;
};
using Bands = std::vector<Band>;

// The tiers of a valid definition for a payee with this quota in the period. A threshold in per cent of the quota, or
// an amount that is prorated with it, is rounded up to the next minor unit, so that "reached" is exact.
// FAILED_PRECONDITION if a tier needs a quota and there is none; OUT_OF_RANGE.
Result<Bands> bands_of(const v1::PlanDefinition& definition, const PeriodQuota& quota);

// Credit of the positions [from, to), paid by one tier.
struct Slice {
  std::uint32_t tier = 0;  // 1-based: whose rate pays
  std::int64_t from = 0;
  std::int64_t to = 0;
  Decimal rate;    // the tier's, without the factor
  ExactSum value;  // with the factor
};

struct Price {
  std::vector<Slice> slices;
  ExactSum value;                      // of all slices
  std::uint32_t retroactive_tier = 0;  // reached(total), 1-based; 0 = none
};

// The retroactive tier that a period's credit reaches, 1-based; 0 = none.
std::uint32_t reached(const Bands& bands, std::int64_t total);

// The value of the positions [from, to) when the period's credit is `total`, with 0 <= from <= to <= total. So
// price(bands, 0, t, t, 1) is f(t). OUT_OF_RANGE.
Result<Price> price(const Bands& bands, std::int64_t from, std::int64_t to, std::int64_t total, const Decimal& factor);

// What `credit` is worth at the rate of a tier (1-based).
Result<ExactSum> value_at(const Bands& bands, std::uint32_t tier, std::int64_t credit, const Decimal& factor);

// value * part / whole, cut toward zero at a billionth of a minor unit; 0 <= part <= whole, whole > 0.
ExactSum share_of(const ExactSum& value, std::int64_t part, std::int64_t whole);

// How an exact sum is stored. OUT_OF_RANGE beyond int64 minor units.
ExactSum to_exact(const v1::ExactAmount& amount);
Result<v1::ExactAmount> to_proto(const ExactSum& sum);

}  // namespace tandem::incentives
