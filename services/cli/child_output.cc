#include "services/cli/child_output.h"

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "services/cli/child_words.h"

namespace tandem::cli {
namespace {

class Pipe {
 public:
  Pipe() { good_ = pipe(ends_.data()) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;

  bool good() const { return good_; }
  int end(size_t which) const { return ends_[which]; }
  void close_end(size_t which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool good_ = false;
};

// Reads both until both have ended.
void drain(Pipe& out, Pipe& err, std::string& errors, const std::function<void(const std::string&)>& on_line) {
  std::string line;
  std::array<pollfd, 2> ends{pollfd{out.end(0), POLLIN, 0}, pollfd{err.end(0), POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) return;
    for (pollfd& one : ends) {
      if (one.fd < 0 || one.revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t got = read(one.fd, buffer.data(), buffer.size());
      if (got <= 0) {
        one.fd = -1;
        continue;
      }
      const std::string_view text(buffer.data(), static_cast<size_t>(got));
      if (&one == &ends[1]) {
        errors += text;
        continue;
      }
      for (char c : text) {
        if (c != '\n') {
          line += c;
          continue;
        }
        on_line(line);
        line.clear();
      }
    }
  }
}

}  // namespace

Result<ChildEnd> run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment,
                           const std::function<void(const std::string&)>& on_line) {
  Pipe out, err;
  if (!out.good() || !err.good()) return make_error(Code::kUnavailable, "no pipe: too many open files");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.end(1), STDERR_FILENO);
  for (Pipe* one : {&out, &err}) {
    posix_spawn_file_actions_addclose(&actions, one->end(0));
    posix_spawn_file_actions_addclose(&actions, one->end(1));
  }
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = merged_environment(environment);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return make_error(Code::kNotFound, program.string(), std::string("cannot be run: ") + std::strerror(failed),
                      "install tandem whole; its programs stand in one folder");
  }
  out.close_end(1);
  err.close_end(1);
  ChildEnd end;
  drain(out, err, end.errors, on_line);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return end;
}

}  // namespace tandem::cli
