// A service as a process of its own.
#include "shared/runtime/program.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "shared/base/free_port.h"

namespace tandem::runtime {
namespace {

using std::chrono::steady_clock;

ServiceDefinition definition(const InstallationKeys&) {
  return {"sales", Registry(), Api("tandem.sales.v1.SalesService"), Reactions()};
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool is_open(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool open = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return open;
}

// In a child, which waits for a Kafka and a Redis that are not there.
[[noreturn]] void serve(uint16_t admin) {
  setenv("TANDEM_IDENTITY_KEY", "the identity key of the tests", 1);
  setenv("TANDEM_ADMIN", ("127.0.0.1:" + std::to_string(admin)).c_str(), 1);
  setenv("TANDEM_LISTEN", "127.0.0.1:0", 1);
  setenv("TANDEM_KAFKA", "127.0.0.1:1", 1);
  setenv("TANDEM_REDIS", "127.0.0.1:1", 1);
  std::string name = "tandem-sales";
  char* arguments[] = {name.data(), nullptr};
  _exit(service_main(1, arguments, definition));
}

TEST(Program, ASignalEndsItAtOnceWhileItStarts) {
  const uint16_t admin = free_port().value();
  const pid_t child = fork();
  if (child == 0) serve(admin);
  const auto patience = steady_clock::now() + std::chrono::seconds(20);
  while (!is_open(admin) && steady_clock::now() < patience) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(is_open(admin));

  kill(child, SIGTERM);
  const auto asked = steady_clock::now();
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_LT(steady_clock::now() - asked, std::chrono::seconds(5)) << "it would wait for Kafka for 30 s";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace tandem::runtime
