// Smooth weighted round robin (nginx, commit 2c96914): each choice adds to everyone who takes part their share, chooses
// who is owed most, and takes one lead from them. {5, 1, 1} gives a a b a c a a, and then everyone is at 0 again.
//
// Who takes part differs from choice to choice (hours, territories, capacity). So the shares are of one lead, weight
// over the sum of the weights of those who take part, and not the plain weights: otherwise whoever is chosen when many
// are there pays more for it than whoever is chosen when few are. Among the same members both are the same sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tandem::sales {

enum class Part {
  kOut,   // as if they were not there: keeps what they are owed, and no more
  kKept,  // can not be chosen, but is owed their share for it
  kIn,    // can be chosen
};

struct Turn {
  std::int64_t weight = 0;   // 0 to 1,000; with 0 they take no part
  std::int64_t current = 0;  // what they are owed, in parts of a lead; negative if they are ahead
  Part part = Part::kOut;
  std::int64_t before = 0;  // set by next_turn: what `current` was before the choice, in the lead unit after it
};

// Chooses, and brings the current weights up to date. `lead_unit` is what one lead weighs in them; it changes with
// those who take part, so that their shares are whole numbers (0 at the very first). Ties go to the first. None, and
// nothing is changed, if nobody can be chosen.
std::optional<std::size_t> next_turn(std::vector<Turn>& turns, std::int64_t& lead_unit);

// Sum of the weights of those who take part: the share of a member is their weight over it.
std::int64_t weight_of_all(const std::vector<Turn>& turns);

}  // namespace tandem::sales
