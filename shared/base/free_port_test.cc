#include "shared/base/free_port.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

namespace tandem {
namespace {

TEST(FreePort, IsNoneThatOutgoingConnectionsGetAndNoneTwice) {
  std::set<uint16_t> ports;
  for (int i = 0; i < 200; ++i) {
    const auto port = free_port();
    ASSERT_TRUE(port.ok()) << to_line(port.error());
    EXPECT_GE(*port, 20'000);
    EXPECT_LT(*port, 32'000);
    EXPECT_TRUE(ports.insert(*port).second) << *port;
  }
}

// Everything is asked for once around: whoever has a port keeps it.
TEST(FreePort, IsNotOneThatSomebodyHas) {
  const uint16_t taken = free_port().value();
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(taken);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  for (int i = 0; i < 12'000; ++i) ASSERT_NE(free_port().value(), taken);
  close(fd);
}

}  // namespace
}  // namespace tandem
