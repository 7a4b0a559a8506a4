#include "tests/bench/driver/system.h"

#include <hiredis/hiredis.h>
#include <signal.h>

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
  for (uint32_t i = 0; i < options_.redis; ++i) redis_.push_back(std::make_unique<testing::RedisServer>());
}

std::string System::redis_addresses() const {
  std::string all;
  for (const auto& redis : redis_)
    all += (all.empty() ? "" : ",") + redis->host() + ":" + std::to_string(redis->port());
  return all;
}

Status System::launch(const std::string& service, const std::string& name, cli::ProcessSpec spec) {
  spec.log = options_.folder / (name + ".log");
  spec.pid_file = options_.folder / (name + ".pid");
  Process process{name, service, std::move(spec), {}, {}};
  TANDEM_RETURN_IF_ERROR(run(process));
  processes_.push_back(std::move(process));
  return {};
}

Status System::run(Process& process) {
  std::error_code ignored;  // it need not be there
  std::filesystem::remove(ready_file(process.name), ignored);
  process.started = steady_clock::now();
  TANDEM_ASSIGN_OR_RETURN(process.id, cli::start_process(process.spec));
  return {};
}

Result<double> System::await(const Process& process) {
  while (!std::filesystem::exists(ready_file(process.name))) {
    const bool late = steady_clock::now() - process.started > kStartPatience;
    if (late || !cli::is_alive(process.id)) {
      std::string words;
      for (const std::string& line : cli::last_lines(process.spec.log, 3)) words += "\n  " + line;
      return make_error(Code::kUnavailable, process.name + (late ? " is not ready after 60 s" : " has ended") +
                                                "; the last lines of its log:" + words);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - process.started).count();
  ready_[process.name] = content_of(ready_file(process.name));
  return seconds;
}

Status System::await_all() {
  for (const Process& process : processes_) TANDEM_RETURN_IF_ERROR(await(process));
  const auto began = processes_.front().started;
  seconds_to_ready_ = std::chrono::duration<double>(steady_clock::now() - began).count();
  return {};
}

Result<System::Process*> System::process(const std::string& name) {
  for (Process& process : processes_) {
    if (process.name == name) return &process;
  }
  return make_error(Code::kNotFound, "there is no process " + name);
}

Status System::kill(const std::string& name) {
  TANDEM_ASSIGN_OR_RETURN(const Process* const process, this->process(name));
  ::kill(process->id.pid, SIGKILL);
  return cli::stop_process(process->id, kStopPatience);  // waits for it
}

Result<double> System::restart(const std::string& name) {
  TANDEM_ASSIGN_OR_RETURN(Process* const process, this->process(name));
  TANDEM_RETURN_IF_ERROR(cli::stop_process(process->id, kStopPatience));
  TANDEM_RETURN_IF_ERROR(run(*process));
  return await(*process);
}

void System::stop() {
  for (const Process& process : processes_) (void)cli::stop_process(process.id, kStopPatience).ok();
  processes_.clear();
  redis_.clear();
}

std::vector<Part> System::services() const {
  std::vector<Part> all;
  for (const Process& process : processes_) all.push_back({process.service, process.id.pid});
  return all;
}

std::vector<Part> System::parts() const {
  std::vector<Part> all = services();
  for (const auto& redis : redis_) all.push_back({"redis", redis->pid()});
  all.push_back({"kafka", options_.kafka_pid});
  return all;
}

Result<std::map<std::string, uint64_t>> System::commits() {
  std::map<std::string, uint64_t> commits;
  for (const auto& server : redis_) add_commits(server->port(), commits);
  return commits;
}

// A shard that lives on another Redis has no number here.
void System::add_commits(uint16_t port, std::map<std::string, uint64_t>& commits) const {
  Redis redis(port);
  for (const std::string& service : committing()) {
    for (uint32_t shard = 0; shard < options_.shards; ++shard) {
      redis.append({"HGET", "{" + key_prefix_ + service + ":" + std::to_string(shard) + "}:meta", "number"});
    }
    for (uint32_t shard = 0; shard < options_.shards; ++shard) {
      const Reply number = redis.read();
      if (number->type == REDIS_REPLY_STRING) commits[service] += std::stoull(std::string(text_of(*number)));
    }
  }
}

}  // namespace tandem::bench
