// Messages for logs: a copy without personal data, as tandem.policy.v1 marks it.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

namespace tandem::rpc {

// What stands in place of a personal string.
inline constexpr char kRedacted[] = "[personal]";

// A copy in which every string that is personal (its field or a message around it is marked) is "[personal]", and every
// other personal value is gone. Unknown fields are gone too, since nobody knows what they hold.
std::unique_ptr<google::protobuf::Message> redact(const google::protobuf::Message& message);

// The same in one line, for a log.
std::string redacted_line(const google::protobuf::Message& message);

}  // namespace tandem::rpc
