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

// Seconds of CPU since a process began, user and kernel; 0 if it is gone.
struct Cpu {
  double all = 0;   // of all its threads
  double main = 0;  // of its main thread: a service's loop, Redis' commands
};
Cpu cpu_of(pid_t pid);
inline double cpu_seconds(pid_t pid) { return cpu_of(pid).all; }

// Megabytes (10^6 bytes) in memory, shared libraries included; 0 if the process is gone.
double resident_megabytes(pid_t pid);
// The most since the process began, or since the peak was forgotten.
double peak_megabytes(pid_t pid);
void forget_peak(pid_t pid);

// By part's name; processes of one name, as replicas of a service are, together.
std::map<std::string, Cpu> cpu_by_part(const std::vector<Part>& parts);
double cpu_of_all(const std::map<std::string, Cpu>& parts);
double cpu_of_services(const std::map<std::string, Cpu>& parts);  // without Redis and Kafka

}  // namespace tandem::bench
