// What the salespeople of the demonstration decide. Pure: the seed and what it is about decide everything.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/time.h"

namespace tandem::cli {

enum class Answer { kAccept, kDecline, kSilence };

struct Reply {
  Answer answer = Answer::kAccept;
  std::string reason;                 // of a decline
  std::chrono::milliseconds after{};  // from when they learned of it
};

// To an assignment; the hop tells a second owner from the first. Only first owners let a deadline pass.
Reply reply_to(uint64_t seed, std::string_view assignment, uint32_t hop);

enum class Outcome { kWon, kLost, kOpen };
enum class TakeBack { kNothing, kPart, kWhole };

// How a deal goes, from its opening on.
struct Course {
  std::vector<std::string> stages;  // that it is moved to, one after the other
  Outcome outcome = Outcome::kOpen;
  std::chrono::milliseconds pace{};  // between two steps
  int close_percent = 50;            // when it is closed: of the time from its opening to the last day for it
  int value_percent = 100;           // won, of what was expected
  int64_t cents = 0;                 // and so much more, minor units
  uint32_t helper_bp = 0;            // a colleague's share, basis points
  uint32_t months = 0;               // of the contract; 0 = a single sale
  std::string lost_reason;
  TakeBack take_back = TakeBack::kNothing;
};

Course course_of(uint64_t seed, std::string_view opportunity);

// Between two instants, `percent` of the way.
Instant between(Instant from, Instant to, int percent);

}  // namespace tandem::cli
