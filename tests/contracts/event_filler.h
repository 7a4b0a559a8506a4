// Fills a message from its descriptor, every field, always in the same way: for golden bytes.
#pragma once

#include <google/protobuf/message.h>

namespace tandem::testing {

// Strings say their field's name; numbers count up, and use all their bits; enums have their last value; repeated
// fields two items; of a oneof the first field is set.
void fill(google::protobuf::Message& message);

}  // namespace tandem::testing
