// What the handlers of calls share. Internal to the server.
#pragma once

#include <chrono>
#include <set>

#include "shared/aggregate/query.h"
#include "shared/base/ports.h"
#include "shared/rpc/call.h"
#include "shared/rpc/desk.h"
#include "shared/rpc/policy.h"
#include "shared/rpc/server.h"

namespace tandem::rpc {

class CommandStreamHandler;
class ReadQueue;

struct Core {
  const ServerOptions& options;
  const MethodTable& table;
  Chance& chance;
  Desk& desk;
  ReadQueue& reads;
  ServerCounters& counters;
  // Open streams of commands.
  std::set<CommandStreamHandler*> streams;
  bool draining = false;
};

// An answer that never got to a decision: counted, and the call is finished.
void refuse(Core& core, Call& call, const Error& error);

// What a caller is told when too many wait.
Error overloaded(const Core& core);
// What a caller is told while the server ends.
Error going_away();

}  // namespace tandem::rpc
