// The formats of tandem.policy.v1.Format: whether a string is written as its contract says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "tandem/policy/v1/policy.pb.h"

namespace tandem::rpc {

// What is wrong with a string that is not empty and is valid UTF-8; the violation's field is left empty. None =
// nothing.
std::optional<Violation> check_format(policy::v1::Format format, std::string_view text);

}  // namespace tandem::rpc
