// leads import, deals import, team import: what other systems exported.
#include "services/cli/app.h"

namespace tandem::cli {

void add_import_commands(CLI::App&, Session&) {}

}  // namespace tandem::cli
