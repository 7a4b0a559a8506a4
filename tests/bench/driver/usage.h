// What processes have used, as the kernel counts it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tandem::bench {

struct Part {
  std::string name;  // "redis", "kafka", "sales"
  pid_t pid = 0;
};

// Seconds of CPU of all threads of a process since it began, user and kernel; 0 if it is gone.
double cpu_seconds(pid_t pid);
// Megabytes (10^6 bytes) in memory, shared libraries included.
double resident_megabytes(pid_t pid);

// By part's name; replicas of a service are one part.
std::map<std::string, double> cpu_by_part(const std::vector<Part>& parts);

}  // namespace tandem::bench
