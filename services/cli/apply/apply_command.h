// `<group> apply FILE...`, the same in every group.
#pragma once

#include <string>
#include <vector>

#include "services/cli/app.h"

namespace tandem::cli {

// `kinds`: see apply.h.
void add_apply(CLI::App& group, Session& session, const std::string& description, const std::string& examples,
               const std::vector<std::string>& kinds);

}  // namespace tandem::cli
