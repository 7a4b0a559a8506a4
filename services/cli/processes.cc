#include "services/cli/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <sstream>
#include <thread>

#include "services/cli/child_words.h"

namespace tandem::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kEndPoll{5};  // no event tells of the end of a process that is not our child

struct ProcStat {
  char state = 0;
  uint64_t started = 0;
};

// None if there is no such process.
std::optional<ProcStat> proc_stat(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  // The name may hold blanks and brackets; the fields after the last bracket are plain: state is the 3rd of all, the
  // start time the 22nd.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  ProcStat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> stat.started)) return std::nullopt;
  return stat;
}

// In the child: never returns. Only calls that are allowed after fork.
[[noreturn]] void become(const char* program, char** arguments, char** environment, int log, int report) {
  setsid();
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  // Ours is kept from the child: pipes of a caller would never see their end.
  for (int descriptor = 3; descriptor < 1024; ++descriptor) {
    if (descriptor != report) close(descriptor);
  }
  execvpe(program, arguments, environment);
  const int why = errno;
  [[maybe_unused]] const ssize_t written = write(report, &why, sizeof why);
  _exit(127);
}

Error cannot_start(const std::string& program, int why) {
  return make_error(why == ENOENT ? Code::kNotFound : Code::kUnavailable, program,
                    std::string("cannot be started: ") + std::strerror(why),
                    program.find('/') == std::string::npos ? "install it (make setup does)" : "build it (make)");
}

Status write_pid_file(const std::filesystem::path& file, const ProcessId& process) {
  std::ofstream out(file);
  out << process.pid << " " << process.started << "\n";
  out.close();
  if (out) return {};
  return make_error(Code::kUnavailable, file.string(), "cannot be written", "check the folder's permissions and disk");
}

// A child of ours that has ended would stay in the table of processes.
void reap(pid_t pid) { waitpid(pid, nullptr, WNOHANG); }

bool wait_until_gone(const ProcessId& process, milliseconds patience) {
  const auto end = steady_clock::now() + patience;
  while (is_alive(process)) {
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kEndPoll);
  }
  return true;
}

}  // namespace

Result<ProcessId> start_process(const ProcessSpec& spec) {
  const int log = open(spec.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);
  if (log < 0) {
    return make_error(Code::kUnavailable, spec.log.string(), std::string("cannot be written: ") + std::strerror(errno),
                      "check the folder's permissions and disk");
  }
  std::vector<std::string> words = {spec.program};
  words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<std::string> variables = merged_environment(spec.environment);
  auto arguments = pointers(words);
  auto environment = pointers(variables);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) {
    close(log);
    return cannot_start(spec.program, errno);
  }
  const pid_t pid = fork();
  if (pid == 0) become(spec.program.c_str(), arguments.data(), environment.data(), log, report[1]);
  const int fork_error = errno;
  close(log);
  close(report[1]);
  int why = 0;  // nothing comes if exec worked: it closes the pipe
  const bool failed = pid > 0 && read(report[0], &why, sizeof why) == sizeof why;
  close(report[0]);
  if (pid < 0) return cannot_start(spec.program, fork_error);
  if (failed) {
    waitpid(pid, nullptr, 0);
    return cannot_start(spec.program, why);
  }
  const auto stat = proc_stat(pid);
  const ProcessId process{pid, stat ? stat->started : 0};
  if (auto status = write_pid_file(spec.pid_file, process); !status.ok()) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return std::move(status).error();
  }
  return process;
}

bool is_alive(const ProcessId& process) {
  if (process.pid <= 0) return false;
  reap(process.pid);
  const auto stat = proc_stat(process.pid);
  return stat && stat->started == process.started && stat->state != 'Z' && stat->state != 'X';
}

std::optional<ProcessId> read_pid_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  ProcessId process;
  if (!(in >> process.pid >> process.started) || !is_alive(process)) return std::nullopt;
  return process;
}

Status stop_process(const ProcessId& process, milliseconds patience) {
  if (!is_alive(process)) return {};
  if (kill(process.pid, SIGTERM) != 0 && errno == EPERM) {
    return make_error(Code::kPermissionDenied, "process " + std::to_string(process.pid), "belongs to somebody else",
                      "stop it as the user who started it");
  }
  if (wait_until_gone(process, patience)) return {};
  kill(process.pid, SIGKILL);
  if (wait_until_gone(process, std::chrono::seconds(5))) return {};
  return make_error(Code::kUnavailable, "process " + std::to_string(process.pid), "does not end, not even by SIGKILL",
                    "look for a disk or a debugger that holds it");
}

std::vector<std::string> last_lines(const std::filesystem::path& file, size_t count) {
  std::ifstream in(file);
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
    if (lines.size() > count) lines.pop_front();
  }
  return {lines.begin(), lines.end()};
}

std::filesystem::path own_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace tandem::cli
