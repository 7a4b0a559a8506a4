#include "tests/bench/driver/system.h"

#include <hiredis/hiredis.h>

#include <fstream>
#include <thread>

#include "tests/bench/floor/redis.h"

namespace tandem::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kStartPatience{60};
constexpr std::chrono::seconds kStopPatience{10};

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

void System::start_redis() {
  std::filesystem::create_directories(options_.folder);
  redis_ = std::make_unique<testing::RedisServer>();
}

Status System::launch(const std::string& service, const std::string& name, cli::ProcessSpec spec) {
  std::error_code ignored;  // it need not be there
  std::filesystem::remove(ready_file(name), ignored);
  if (processes_.empty()) launched_ = steady_clock::now();
  spec.log = options_.folder / (name + ".log");
  spec.pid_file = options_.folder / (name + ".pid");
  TANDEM_ASSIGN_OR_RETURN(const cli::ProcessId id, cli::start_process(spec));
  processes_.push_back({name, id});
  services_.push_back({service, id.pid});
  return {};
}

Status System::await_all() {
  for (const Process& process : processes_) {
    while (!std::filesystem::exists(ready_file(process.name))) {
      const bool late = steady_clock::now() - launched_ > kStartPatience;
      if (late || !cli::is_alive(process.id)) {
        std::string words;
        for (const std::string& line : cli::last_lines(options_.folder / (process.name + ".log"), 3)) {
          words += "\n  " + line;
        }
        return make_error(Code::kUnavailable, process.name + (late ? " is not ready after 60 s" : " has ended") +
                                                  "; the last lines of its log:" + words);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ready_[process.name] = content_of(ready_file(process.name));
  }
  seconds_to_ready_ = std::chrono::duration<double>(steady_clock::now() - launched_).count();
  return {};
}

void System::stop() {
  for (const Process& process : processes_) (void)cli::stop_process(process.id, kStopPatience).ok();
  processes_.clear();
  services_.clear();
  redis_.reset();
}

std::vector<Part> System::parts() const {
  std::vector<Part> all = services_;
  all.push_back({"redis", redis_->pid()});
  all.push_back({"kafka", options_.kafka_pid});
  return all;
}

Result<std::map<std::string, uint64_t>> System::commits() {
  Redis redis(redis_->port());
  std::map<std::string, uint64_t> commits;
  for (const std::string& service : committing()) {
    for (uint32_t shard = 0; shard < options_.shards; ++shard) {
      redis.append({"HGET", "{" + key_prefix_ + service + ":" + std::to_string(shard) + "}:meta", "number"});
    }
    for (uint32_t shard = 0; shard < options_.shards; ++shard) {
      const Reply number = redis.read();
      if (number->type == REDIS_REPLY_STRING) commits[service] += std::stoull(std::string(text_of(*number)));
    }
  }
  return commits;
}

}  // namespace tandem::bench
