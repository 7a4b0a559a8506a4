// A real redis-server for a test: on a free loopback port, in a folder of its own, with an append-only file that is
// synced before every reply. Started by the constructor, which returns when it answers; stopped, and its folder
// removed, by the destructor, or when the thread that started it ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tandem::testing {

class RedisServer {
 public:
  // `extra` are further arguments of redis-server, for example {"--maxmemory", "5mb"}. Throws std::runtime_error if it
  // can not be started.
  explicit RedisServer(std::vector<std::string> extra = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  const std::string& host() const { return host_; }
  uint16_t port() const { return port_; }
  // With the append-only files; survives restarts.
  const std::string& folder() const { return folder_; }
  bool running() const { return pid_ > 0; }
  // -1 while it does not run.
  pid_t pid() const { return pid_; }

  // SIGKILL, and waits until it is gone.
  void kill9();
  // SIGTERM, and waits until it is gone.
  void stop();
  // SIGSTOP and SIGCONT.
  void pause();
  void resume();
  // Starts it again, on the same port and data. Kills it before if it runs.
  void restart();
  // Throws all data away, while it does not run.
  void erase_data();

 private:
  void start();
  void end(int signal);

  std::string host_ = "127.0.0.1";
  uint16_t port_ = 0;
  std::string folder_;
  std::vector<std::string> extra_;
  pid_t pid_ = -1;
};

}  // namespace tandem::testing
