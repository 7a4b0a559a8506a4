// The group `parked`, which has a file of its own: commands_parked.cc.
#pragma once

#include "services/cli/app.h"

namespace tandem::cli {

void add_parked_commands(CLI::App& root, Session& session);

}  // namespace tandem::cli
