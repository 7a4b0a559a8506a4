#include "tests/chaos/nemesis.h"

#include <stdexcept>
#include <thread>
#include <utility>

namespace tandem::chaos {

Nemesis::Nemesis(std::vector<FaultKind> kinds, uint64_t seed) : kinds_(std::move(kinds)), chance_(seed) {
  if (kinds_.empty()) throw std::invalid_argument("no kind of fault is left to choose from");
}

const FaultKind& Nemesis::choose() {
  if (deck_.empty()) {
    for (size_t i = 0; i < kinds_.size(); i++) deck_.push_back(i);
  }
  const size_t at = below(chance_, deck_.size());
  const size_t kind = deck_[at];
  deck_.erase(deck_.begin() + static_cast<std::ptrdiff_t>(at));
  return kinds_[kind];
}

}  // namespace tandem::chaos
