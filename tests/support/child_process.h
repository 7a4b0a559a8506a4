// A program that a test starts, and ends by its process id. It never outlives the thread that started it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tandem::testing {

class ChildProcess {
 public:
  // Standard output and error go to the end of `log`. `environment` is set over the test's own. Throws
  // std::runtime_error if there is no process to be had; a program that does not exist ends at once with status 127.
  ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment, const std::filesystem::path& log);
  // SIGKILL.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // As waitpid gives it; absent while it runs.
  std::optional<int> ended();
  // Signals, and waits until it is gone; its status as waitpid gives it. SIGKILL if that takes longer than `patience`.
  int end(int number, std::chrono::milliseconds patience = std::chrono::seconds(20));

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// The folder of the test's own program, where all programs are.
std::filesystem::path programs_folder();
// The last lines of a file, for people.
std::string last_lines(const std::filesystem::path& file, size_t count);

}  // namespace tandem::testing
