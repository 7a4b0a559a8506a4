#include "services/cli/interrupts.h"

#include <signal.h>

#include <atomic>

namespace tandem::cli {
namespace {

std::atomic<bool> caught{false};

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { caught = true; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return caught; }

}  // namespace tandem::cli
