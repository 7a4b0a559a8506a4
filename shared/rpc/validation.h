// What the contract asks of a message, enforced from its descriptor: google.api.field_behavior REQUIRED and
// tandem.policy.v1.field (formats, ranges, lengths, numbers of items), enums, UTF-8, timestamps; all violations at
// once, each with its path ("person.email", "splits[2].share_bp").
//
// REQUIRED means: a message is there, a string or a list is not empty, an enum is not UNSPECIFIED, a number is not zero
// (unless it is `optional`, or its `min` is zero or less: then zero is a value like others). In a oneof, one member
// being REQUIRED means that one of the members must be set.
//
// What is not there is not looked at further: an empty string has no format, and a number that is zero without being
// `optional` was not given, so its bounds do not count.
//
// What has to be looked at is worked out once for each type of message. Safe from any thread.
#pragma once

#include <google/protobuf/message.h>

#include <vector>

#include "shared/base/result.h"

namespace tandem::rpc {

// Never more than this for one message.
inline constexpr size_t kMaxViolations = 100;

std::vector<Violation> validate(const google::protobuf::Message& message);

// The same as an INVALID_ARGUMENT with all of them.
Status check(const google::protobuf::Message& message);

}  // namespace tandem::rpc
