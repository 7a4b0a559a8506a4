// The parts of the commands for sales that have files of their own.
#pragma once

#include "services/cli/app.h"

namespace tandem::cli {

void add_assignments(CLI::App& root, Session& session);  // commands_assignments.cc
void add_deals(CLI::App& root, Session& session);        // commands_deals.cc

}  // namespace tandem::cli
