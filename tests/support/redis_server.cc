#include "tests/support/redis_server.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "shared/base/free_port.h"
#include "shared/store/redis_settings.h"
#include "tests/support/temporary_folder.h"

namespace tandem::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// True if the server that listens there is the one with this process id, and has loaded its data.
bool answers(uint16_t port, pid_t pid) {
  redisContext* context = redisConnectWithTimeout("127.0.0.1", port, {.tv_sec = 1, .tv_usec = 0});
  if (context == nullptr) return false;
  bool ready = false;
  if (context->err == 0) {
    if (auto* reply = static_cast<redisReply*>(redisCommand(context, "INFO")); reply != nullptr) {
      if (reply->type == REDIS_REPLY_STRING) {
        std::string info(reply->str, reply->len);
        ready = info.find("process_id:" + std::to_string(pid) + "\r") != std::string::npos &&
                info.find("\nloading:0") != std::string::npos;
      }
      freeReplyObject(reply);
    }
  }
  redisFree(context);
  return ready;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> extra) : extra_(std::move(extra)) {
  folder_ = make_temporary_folder("redis").string();
  // Somebody else may take the port before Redis does.
  for (int attempt = 0;; ++attempt) {
    port_ = free_port().value();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 3) {
        std::filesystem::remove_all(folder_);
        throw;
      }
    }
  }
}

RedisServer::~RedisServer() {
  end(SIGKILL);
  std::error_code ignored;  // a folder left behind in /tmp fails no test
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::start() {
  std::vector<std::string> arguments = store::redis_server_arguments(host_, port_, folder_);
  arguments.insert(arguments.begin(), "redis-server");
  arguments.insert(arguments.end(), {"--logfile", folder_ + "/redis.log"});
  arguments.insert(arguments.end(), extra_.begin(), extra_.end());
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // it ends with the test, however that ends
    if (getppid() != parent) _exit(126);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  auto end_of_time = steady_clock::now() + std::chrono::seconds(20);
  while (!answers(port_, pid_)) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("redis-server ended at once: " + read_file(folder_ + "/redis.log"));
    }
    if (steady_clock::now() >= end_of_time) {
      end(SIGKILL);
      throw std::runtime_error("redis-server does not answer: " + read_file(folder_ + "/redis.log"));
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
}

void RedisServer::end(int signal) {
  if (pid_ <= 0) return;
  if (signal != SIGKILL) kill(pid_, SIGCONT);
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::kill9() { end(SIGKILL); }
void RedisServer::stop() { end(SIGTERM); }
void RedisServer::pause() { kill(pid_, SIGSTOP); }
void RedisServer::resume() { kill(pid_, SIGCONT); }

void RedisServer::restart() {
  end(SIGKILL);
  start();
}

void RedisServer::erase_data() {
  if (running()) throw std::logic_error("stop the server before its data is erased");
  std::filesystem::remove_all(folder_ + "/appendonlydir");
}

}  // namespace tandem::testing
