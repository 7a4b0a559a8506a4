// Ctrl-C and SIGTERM: a command that has something to put in order looks at a flag instead of dying.
#pragma once

namespace tandem::cli {

void catch_interrupts();  // from now on
bool interrupted();

}  // namespace tandem::cli
