// From a request as it came to a command for the engine: who calls, how long they wait, what they want done.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/rpc/policy.h"
#include "shared/rpc/server.h"

namespace tandem::rpc {

// What a call says besides its messages.
struct RequestHead {
  CallerInfo caller;
  // Empty if the caller gave none, or one that is not W3C's.
  std::string traceparent;
  std::chrono::system_clock::time_point deadline;
  bool has_deadline = false;
};

// From metadata tandem-caller, tandem-role, traceparent. INVALID_ARGUMENT if a name is not an identifier. `deadline` is
// the far end of time if the caller gave none.
Result<RequestHead> read_head(const grpc::ServerContext& context);

// Whether it is a W3C trace context of version 00.
bool is_traceparent(std::string_view text);
std::string new_traceparent(Chance& chance);

// Validates the message and fills in everything but the token. The message is looked at, not changed. INVALID_ARGUMENT
// with all violations, or what the method's target function says.
Result<IncomingCommand> make_command(const Method& method, std::shared_ptr<google::protobuf::Message> message,
                                     const RequestHead& head, std::string_view fingerprint_key, Chance& chance);

}  // namespace tandem::rpc
