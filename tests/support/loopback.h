// Addresses of this machine only.
#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace tandem::testing {

inline sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace tandem::testing
