// What must hold of the company's books, whatever happened: read from the logs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/simulation/log_fold.h"

namespace tandem::simulation {

// By service, in the order of kServices, and shard.
using Folds = std::array<std::vector<FoldedShard>, 4>;

void check_business(const Folds& folds, std::vector<std::string>& problems);

}  // namespace tandem::simulation
