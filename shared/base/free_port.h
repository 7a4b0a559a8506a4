// Ports for servers that must be told theirs before they start.
#pragma once

#include <cstdint>

#include "shared/base/result.h"

namespace tandem {

// A port of the loopback interface that nobody has now, from 20,000 to 31,999: the kernel gives those to no outgoing
// connection by itself (net.ipv4.ip_local_port_range), which could have the port before the server does, or while it is
// started again. None twice in a process. UNAVAILABLE if there is none.
Result<uint16_t> free_port();

}  // namespace tandem
