// Time and chance as ports: whoever needs them is given them, so that everything can be replayed and simulated from a
// seed. Business rules see neither; they get the time and what ids are derived from in their Context.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "shared/base/time.h"

namespace tandem {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
  virtual Tick tick() = 0;
};

// The wall clock, and the kernel's monotonic one. Safe to share between threads.
class SystemClock : public Clock {
 public:
  Instant now() override;
  Tick tick() override;
};

// Stands still until it is moved. Safe to share between threads.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Instant start = Instant{}) : micros_(to_micros(start)), passed_(to_micros(start)) {}
  Instant now() override { return from_micros(micros_.load()); }
  Tick tick() override { return Tick(std::chrono::microseconds(passed_.load())); }
  // The clock on the wall is put to another time, forward or back; no time passes.
  void set(Instant instant) { micros_.store(to_micros(instant)); }
  void advance(std::chrono::microseconds by) {
    micros_.fetch_add(by.count());
    passed_.fetch_add(by.count());
  }

 private:
  std::atomic<std::int64_t> micros_;
  std::atomic<std::int64_t> passed_;
};

class Chance {
 public:
  virtual ~Chance() = default;
  virtual std::uint64_t next() = 0;  // 64 random bits
};

// The kernel's generator (getrandom), fit for secrets. Safe to share between threads. Aborts if the kernel has none.
class SystemChance : public Chance {
 public:
  std::uint64_t next() override;
};

// splitmix64: the same seed gives the same sequence, on every machine. For simulation and demonstration, not for
// secrets; not to be shared between threads.
class SeededChance : public Chance {
 public:
  explicit SeededChance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

// Evenly from 0 to bound - 1, without bias; bound is at least 1.
std::uint64_t below(Chance& chance, std::uint64_t bound);

// 16 hexadecimal characters: a version token, a lease, a nonce.
std::string fresh_token(Chance& chance);

}  // namespace tandem
