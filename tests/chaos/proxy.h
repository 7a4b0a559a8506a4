// A TCP proxy on loopback that stands between two programs and makes the network bad: late, silent, broken off, slow.
// It has a port of its own for as long as it lives; where it leads to may change (a service has another port after each
// start). A thread of its own moves the bytes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <thread>

namespace tandem::chaos {

class Proxy {
 public:
  enum class Mode {
    kPass,
    kDelay,     // everything comes, in order, later
    kDrop,      // what is sent goes nowhere, and nobody is told; such a connection never carries anything again
    kHalfOpen,  // the far end is closed, the near end is not told
    kReset,     // connections are reset, new ones too
    kTrickle,   // a few bytes at a time
  };

  // Throws std::runtime_error if there is no port to be had.
  Proxy();
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Port on loopback, for connections from now on.
  void lead_to(uint16_t port) { target_ = port; }
  void set(Mode mode);

 private:
  using Clock = std::chrono::steady_clock;
  struct Chunk {
    Clock::time_point due;
    std::string bytes;
  };
  // One direction: what was read at one end and is to be written at the other.
  struct Way {
    std::deque<Chunk> waiting;
    size_t size = 0;
    Clock::time_point next{};  // of kTrickle
    bool ended = false;        // the reading end closed
  };
  struct Pair {
    int near = -1;
    int far = -1;
    Way there;
    Way back;
    bool poisoned = false;  // bytes are missing: never again
    bool dead = false;
  };

  void run();
  void take_over(Mode mode);
  void accept_one();
  void move(Pair& pair, short near_events, short far_events);
  void read(Pair& pair, int from, Way& way);
  void write(Pair& pair, int to, Way& way);
  int wait_millis() const;
  static bool has_due(const Way& way);

  int listener_ = -1;
  int wake_ = -1;
  uint16_t port_ = 0;
  std::atomic<uint16_t> target_{0};
  std::atomic<Mode> wanted_{Mode::kPass};
  std::atomic<bool> stop_{false};
  Mode mode_ = Mode::kPass;  // of the thread
  std::list<Pair> pairs_;
  std::thread thread_;
};

}  // namespace tandem::chaos
