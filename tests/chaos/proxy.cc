#include "tests/chaos/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "tests/support/loopback.h"

namespace tandem::chaos {
namespace {

using std::chrono::milliseconds;
using testing::loopback;

constexpr size_t kMostWaiting = 256 * 1024;  // then reading stops, as in a full socket
constexpr milliseconds kDelay{250};
constexpr size_t kTrickle = 64;  // bytes
constexpr milliseconds kTricklePace{5};
constexpr int kIdleMillis = 200;

void at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void close_with_reset(int& fd) {
  if (fd < 0) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
  fd = -1;
}

}  // namespace

Proxy::Proxy() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool ok = listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                  listen(listener_, 128) == 0 &&
                  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!ok || wake_ < 0) throw std::runtime_error("no port for a proxy");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
  stop_ = true;
  eventfd_write(wake_, 1);
  thread_.join();
  for (Pair& pair : pairs_) {
    close_with_reset(pair.near);
    close_with_reset(pair.far);
  }
  close(listener_);
  close(wake_);
}

void Proxy::set(Mode mode) {
  wanted_ = mode;
  eventfd_write(wake_, 1);
}

bool Proxy::has_due(const Way& way) {
  return !way.waiting.empty() && std::max(way.waiting.front().due, way.next) <= Clock::now();
}

int Proxy::wait_millis() const {
  auto least = Clock::now() + milliseconds(kIdleMillis);
  for (const Pair& pair : pairs_) {
    for (const Way* way : {&pair.there, &pair.back}) {
      if (!way->waiting.empty()) least = std::min(least, std::max(way->waiting.front().due, way->next));
    }
  }
  const auto left = std::chrono::ceil<milliseconds>(least - Clock::now()).count();
  // What is due already waits for its socket: poll says when that is ready.
  return left <= 0 ? kIdleMillis : static_cast<int>(left);
}

void Proxy::run() {
  std::vector<pollfd> fds;
  while (!stop_) {
    if (const Mode wanted = wanted_; wanted != mode_) take_over(wanted);
    const int timeout = wait_millis();  // before it is looked at what is due: nothing falls between the two
    fds.assign({{listener_, POLLIN, 0}, {wake_, POLLIN, 0}});
    for (const Pair& pair : pairs_) {
      const auto events = [&](const Way& in, const Way& out) {
        return static_cast<short>((in.size < kMostWaiting && !in.ended ? POLLIN : 0) | (has_due(out) ? POLLOUT : 0));
      };
      fds.push_back({pair.near, events(pair.there, pair.back), 0});
      fds.push_back({pair.far, events(pair.back, pair.there), 0});
    }
    poll(fds.data(), fds.size(), timeout);
    eventfd_t ignored = 0;
    if (fds[1].revents != 0) eventfd_read(wake_, &ignored);
    size_t at = 2;
    for (Pair& pair : pairs_) {
      move(pair, fds[at].revents, fds[at + 1].revents);
      at += 2;
    }
    std::erase_if(pairs_, [](Pair& pair) {
      if (!pair.dead) return false;
      if (pair.near >= 0) close(pair.near);
      if (pair.far >= 0) close(pair.far);
      return true;
    });
    if (fds[0].revents != 0) accept_one();
  }
}

void Proxy::take_over(Mode mode) {
  mode_ = mode;
  for (Pair& pair : pairs_) {
    pair.there.next = pair.back.next = {};
    const bool reset = mode == Mode::kReset || (pair.poisoned && mode != Mode::kDrop && mode != Mode::kHalfOpen);
    if (reset) {
      close_with_reset(pair.near);
      close_with_reset(pair.far);
      pair.dead = true;
    } else if (mode == Mode::kHalfOpen) {
      if (pair.far >= 0) close(pair.far);
      pair.far = -1;
      pair.poisoned = true;
    }
  }
  std::erase_if(pairs_, [](const Pair& pair) { return pair.dead; });
}

void Proxy::accept_one() {
  Pair pair;
  pair.near = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (pair.near < 0) return;
  if (mode_ == Mode::kReset) return close_with_reset(pair.near);
  at_once(pair.near);
  pair.poisoned = mode_ == Mode::kDrop || mode_ == Mode::kHalfOpen;
  if (!pair.poisoned) {
    pair.far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    at_once(pair.far);
    const sockaddr_in address = loopback(target_);
    const int connected = connect(pair.far, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (connected != 0 && errno != EINPROGRESS) {
      close_with_reset(pair.near);
      close(pair.far);
      return;
    }
  }
  pairs_.push_back(std::move(pair));
}

void Proxy::move(Pair& pair, short near_events, short far_events) {
  constexpr short kRead = POLLIN | POLLHUP | POLLERR;
  if ((near_events & kRead) != 0 && pair.near >= 0) read(pair, pair.near, pair.there);
  if ((far_events & kRead) != 0 && pair.far >= 0) read(pair, pair.far, pair.back);
  if (pair.dead || pair.poisoned) return;
  if (has_due(pair.there)) write(pair, pair.far, pair.there);
  if (has_due(pair.back)) write(pair, pair.near, pair.back);
  const bool over = (pair.there.ended && pair.there.waiting.empty()) || (pair.back.ended && pair.back.waiting.empty());
  if (over) pair.dead = true;
}

void Proxy::read(Pair& pair, int from, Way& way) {
  std::array<char, 16384> buffer;
  const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) pair.dead = true;
    return;
  }
  if (mode_ == Mode::kDrop || pair.poisoned) {
    // Who closes a connection that leads nowhere is not heard at the other end either.
    if (got == 0) pair.dead = true;
    pair.poisoned = true;
    return;
  }
  if (got == 0) {
    way.ended = true;
    return;
  }
  way.size += static_cast<size_t>(got);
  const auto due = mode_ == Mode::kDelay ? Clock::now() + kDelay : Clock::now();
  const auto last = way.waiting.empty() ? due : std::max(due, way.waiting.back().due);
  way.waiting.push_back({last, std::string(buffer.data(), static_cast<size_t>(got))});
}

void Proxy::write(Pair& pair, int to, Way& way) {
  while (has_due(way)) {
    std::string& bytes = way.waiting.front().bytes;
    const size_t size = mode_ == Mode::kTrickle ? std::min(kTrickle, bytes.size()) : bytes.size();
    const ssize_t sent = send(to, bytes.data(), size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ENOTCONN) pair.dead = true;
      return;
    }
    way.size -= static_cast<size_t>(sent);
    bytes.erase(0, static_cast<size_t>(sent));
    if (bytes.empty()) way.waiting.pop_front();
    if (mode_ == Mode::kTrickle) way.next = Clock::now() + kTricklePace;
  }
}

}  // namespace tandem::chaos
