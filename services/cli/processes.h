// Processes that go on after `tandem` has ended: each in a session of its own, its output in a log file, known by a
// file with its id and its start time, so that a process that was given the same id later is never taken for it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace tandem::cli {

struct ProcessId {
  pid_t pid = 0;
  uint64_t started = 0;  // in clock ticks after boot, as /proc/<pid>/stat says

  bool operator==(const ProcessId&) const = default;
};

struct ProcessSpec {
  std::string program;  // a path, or a name that is looked up in PATH
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // over ours
  std::filesystem::path log;                       // standard output and error; emptied first
  std::filesystem::path pid_file;
};

// Returns when the program runs. NOT_FOUND if there is no such program.
Result<ProcessId> start_process(const ProcessSpec& spec);
// False for one that has ended, also if nobody has waited for it yet.
bool is_alive(const ProcessId& process);
// None if there is no such file, or what it names is not alive any more.
std::optional<ProcessId> read_pid_file(const std::filesystem::path& file);
// SIGTERM, then SIGKILL after `patience`; returns when it is gone. OK if it was gone already.
Status stop_process(const ProcessId& process, std::chrono::milliseconds patience);

// The last lines of a file, for people; empty if there is none.
std::vector<std::string> last_lines(const std::filesystem::path& file, size_t count);
// The folder of the program that runs.
std::filesystem::path own_folder();

}  // namespace tandem::cli
