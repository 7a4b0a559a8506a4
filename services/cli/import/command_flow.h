// Many commands to one streaming method, with many in flight. What a passing fault left without an answer is sent
// again: request ids make that safe.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {

struct CommandFlow {
  std::string method;  // in full
  std::vector<const google::protobuf::Message*> commands;
  // Once for each command, in any order. An error is the service's last word. `repeated` of a result is only set for
  // what an earlier run has done.
  std::function<void(size_t index, Result<type::v1::CommandResult>)> on_answer;
};

// UNAVAILABLE and the like after many tries without any answer, or an error that concerns the stream as a whole: then
// some commands got no answer.
Status run_flow(Session& session, const CommandFlow& flow);

}  // namespace tandem::cli
