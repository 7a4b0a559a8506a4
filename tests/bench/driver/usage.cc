#include "tests/bench/driver/usage.h"

#include <time.h>

#include <fstream>
#include <sstream>

namespace tandem::bench {
namespace {

std::string in_proc(pid_t pid, const std::string& name) { return "/proc/" + std::to_string(pid) + "/" + name; }

// "VmRSS:     12345 kB" of /proc/<pid>/status.
double megabytes_in_status(pid_t pid, const std::string& name) {
  std::ifstream file(in_proc(pid, "status"));
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(name + ":")) continue;
    double kibibytes = 0;
    std::istringstream(line.substr(name.size() + 1)) >> kibibytes;
    return kibibytes * 1024 / 1e6;
  }
  return 0;
}

}  // namespace

Cpu cpu_of(pid_t pid) {
  Cpu cpu;
  clockid_t clock = 0;
  timespec spent = {};
  if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &spent) == 0) {
    cpu.all = static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
  }
  double nanoseconds = 0;
  std::ifstream(in_proc(pid, "task/" + std::to_string(pid) + "/schedstat")) >> nanoseconds;
  cpu.main = nanoseconds / 1e9;
  return cpu;
}

double resident_megabytes(pid_t pid) { return megabytes_in_status(pid, "VmRSS"); }
double peak_megabytes(pid_t pid) { return megabytes_in_status(pid, "VmHWM"); }
void forget_peak(pid_t pid) { std::ofstream(in_proc(pid, "clear_refs")) << "5"; }

std::map<std::string, Cpu> cpu_by_part(const std::vector<Part>& parts) {
  std::map<std::string, Cpu> spent;
  for (const Part& part : parts) {
    const Cpu cpu = cpu_of(part.pid);
    spent[part.name].all += cpu.all;
    spent[part.name].main += cpu.main;
  }
  return spent;
}

double cpu_of_all(const std::map<std::string, Cpu>& parts) {
  double sum = 0;
  for (const auto& [_, cpu] : parts) sum += cpu.all;
  return sum;
}

double cpu_of_services(const std::map<std::string, Cpu>& parts) {
  double sum = 0;
  for (const auto& [part, cpu] : parts) {
    if (part != "redis" && part != "kafka") sum += cpu.all;
  }
  return sum;
}

}  // namespace tandem::bench
