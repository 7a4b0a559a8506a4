#include "shared/base/ports.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace tandem {

Instant SystemClock::now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

Tick SystemClock::tick() {
  return Tick(std::chrono::floor<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()));
}

std::uint64_t SystemChance::next() {
  std::uint64_t bits = 0;
  while (true) {
    // Up to 256 bytes come whole or not at all.
    if (getrandom(&bits, sizeof(bits), 0) == static_cast<ssize_t>(sizeof(bits))) return bits;
    if (errno != EINTR) {
      std::perror("getrandom");
      std::abort();
    }
  }
}

std::uint64_t SeededChance::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t below(Chance& chance, std::uint64_t bound) {
  if (bound == 0) {
    std::fprintf(stderr, "bug: below() with a bound of 0\n");
    std::abort();
  }
  // Draws below 2^64 modulo bound are thrown away; what remains is a multiple of bound.
  const std::uint64_t uneven = (0 - bound) % bound;
  while (true) {
    const std::uint64_t drawn = chance.next();
    if (drawn >= uneven) return drawn % bound;
  }
}

std::string fresh_token(Chance& chance) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token(16, '0');
  std::uint64_t bits = chance.next();
  for (auto c = token.rbegin(); c != token.rend(); ++c) {
    *c = kDigits[bits & 15];
    bits >>= 4;
  }
  return token;
}

}  // namespace tandem
