// What would have to change to make one message the other, in words: "members[ana].weight: 3 -> 5".
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace tandem::cli {

// Items of a repeated message are known by their first field where that is a text that names each of them once, else by
// their place. Decimals are compared by their value: 0.10 is 0.1. Empty: nothing differs.
std::vector<std::string> differences(const google::protobuf::Message& before, const google::protobuf::Message& after);

}  // namespace tandem::cli
