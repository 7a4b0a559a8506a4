#include "tests/bench/driver/usage.h"

#include <time.h>
#include <unistd.h>

#include <fstream>

namespace tandem::bench {

double cpu_seconds(pid_t pid) {
  clockid_t clock = 0;
  timespec spent = {};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) return 0;
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double resident_megabytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  uint64_t whole = 0;
  uint64_t resident = 0;
  file >> whole >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

std::map<std::string, double> cpu_by_part(const std::vector<Part>& parts) {
  std::map<std::string, double> spent;
  for (const Part& part : parts) spent[part.name] += cpu_seconds(part.pid);
  return spent;
}

}  // namespace tandem::bench
