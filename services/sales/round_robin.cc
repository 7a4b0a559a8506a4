#include "services/sales/round_robin.h"

#include "shared/base/decimal.h"

namespace tandem::sales {
namespace {

// Currents are exact while the same members take part, and rounded to about a millionth of a lead when that changes.
constexpr std::int64_t kPrecision = std::int64_t{1} << 20;

bool takes_part(const Turn& turn) { return turn.part != Part::kOut && turn.weight > 0; }
bool can_be_chosen(const Turn& turn) { return turn.part == Part::kIn && turn.weight > 0; }

// The smallest all * 2^k that is not below the precision.
std::int64_t unit_for(std::int64_t all) {
  std::int64_t unit = all;
  while (unit < kPrecision) unit *= 2;
  return unit;
}

// To the nearest, halves away from zero.
std::int64_t rescale(std::int64_t current, std::int64_t from, std::int64_t to) {
  const Int128 doubled = Int128{current} * to * 2;
  const Int128 half = doubled < 0 ? -Int128{from} : Int128{from};
  return static_cast<std::int64_t>((doubled + half) / (Int128{from} * 2));
}

}  // namespace

std::int64_t weight_of_all(const std::vector<Turn>& turns) {
  std::int64_t all = 0;
  for (const Turn& turn : turns) {
    if (takes_part(turn)) all += turn.weight;
  }
  return all;
}

std::optional<std::size_t> next_turn(std::vector<Turn>& turns, std::int64_t& lead_unit) {
  bool anybody = false;
  for (const Turn& turn : turns) anybody = anybody || can_be_chosen(turn);
  if (!anybody) return std::nullopt;

  const std::int64_t all = weight_of_all(turns);
  const std::int64_t unit = unit_for(all);
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    Turn& turn = turns[i];
    if (lead_unit != 0 && lead_unit != unit) turn.current = rescale(turn.current, lead_unit, unit);
    turn.before = turn.current;
    if (takes_part(turn)) turn.current += turn.weight * (unit / all);
    if (can_be_chosen(turn) && (!chosen || turn.current > turns[*chosen].current)) chosen = i;
  }
  turns[*chosen].current -= unit;
  lead_unit = unit;
  return chosen;
}

}  // namespace tandem::sales
