#include "shared/bus/embedded_broker_testing.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace tandem::bus {
namespace {

std::string read_line(int descriptor) {
  std::string line;
  char c = 0;
  while (read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : ",").append(part);
  return text;
}

}  // namespace

EmbeddedBroker::EmbeddedBroker(std::vector<std::string> services, uint32_t partitions,
                               std::vector<std::string> arguments) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tandem-broker";
  std::vector<std::string> words{program.string(), "--services", joined(services), "--partitions",
                                 std::to_string(partitions)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("pipe failed");
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
    dup2(pipe_ends[1], STDOUT_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  const std::string line = read_line(pipe_ends[0]);
  close(pipe_ends[0]);
  const std::string before = "\"bootstrap_servers\":\"";
  const size_t at = line.find(before);
  if (at == std::string::npos) {
    stop();
    throw std::runtime_error(program.string() + " did not come up: \"" + line + "\"");
  }
  const size_t begin = at + before.size();
  bootstrap_servers_ = line.substr(begin, line.find('"', begin) - begin);
}

EmbeddedBroker::~EmbeddedBroker() { stop(); }

int EmbeddedBroker::stop() {
  if (pid_ <= 0) return -1;
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

KafkaOptions EmbeddedBroker::kafka_options() const {
  KafkaOptions options;
  options.bootstrap_servers = bootstrap_servers_;
  options.embedded = true;
  return options;
}

}  // namespace tandem::bus
