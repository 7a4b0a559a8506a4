#include "shared/base/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>

namespace tandem {
namespace {

constexpr uint32_t kFirst = 20'000;
constexpr uint32_t kCount = 12'000;

bool is_free(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int why = errno;
  if (fd >= 0) close(fd);
  errno = why;
  return free;
}

}  // namespace

Result<uint16_t> free_port() {
  // Processes begin at different places.
  static std::atomic<uint32_t> next{std::random_device{}()};
  for (uint32_t attempt = 0; attempt < kCount; ++attempt) {
    const auto port = static_cast<uint16_t>(kFirst + next++ % kCount);
    if (is_free(port)) return port;
  }
  return make_error(Code::kUnavailable, "127.0.0.1", std::string("has no free port: ") + std::strerror(errno),
                    "is the loopback interface up?");
}

}  // namespace tandem
