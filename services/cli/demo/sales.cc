#include "services/cli/demo/sales.h"

#include <array>

#include "shared/base/ids.h"
#include "shared/base/ports.h"

namespace tandem::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 4> kDeclineReasons = {"too busy this week", "not my kind of customer",
                                                             "knows somebody else here", "conflict of interest"};
constexpr std::array<std::string_view, 5> kLostReasons = {"price", "chose a competitor", "no budget", "no decision",
                                                          "bad timing"};

milliseconds some_time(Chance& chance, uint64_t least, uint64_t more) {
  return milliseconds(static_cast<int64_t>(least + below(chance, more)));
}

bool happens_one_in(Chance& chance, uint64_t n) { return below(chance, n) == 0; }

}  // namespace

Reply reply_to(uint64_t seed, std::string_view assignment, uint32_t hop) {
  SeededChance chance(stable_hash({"reply", std::to_string(seed), assignment, std::to_string(hop)}));
  Reply reply;
  const uint64_t dice = below(chance, 100);
  reply.answer = dice < 85 ? Answer::kAccept : dice < 96 || hop > 1 ? Answer::kDecline : Answer::kSilence;
  reply.after = some_time(chance, 20, 300);
  if (reply.answer == Answer::kDecline) reply.reason = kDeclineReasons[below(chance, kDeclineReasons.size())];
  return reply;
}

Course course_of(uint64_t seed, std::string_view opportunity) {
  SeededChance chance(stable_hash({"deal", std::to_string(seed), opportunity}));
  Course course;
  const uint64_t dice = below(chance, 100);
  course.outcome = dice < 20 ? Outcome::kWon : dice < 84 ? Outcome::kLost : Outcome::kOpen;
  const uint64_t reached = course.outcome == Outcome::kWon ? 3 : below(chance, 4);
  for (uint64_t i = 0; i < reached; ++i) {
    course.stages.push_back(std::array{"demonstration", "proposal", "negotiation"}[i]);
  }
  course.pace = some_time(chance, 300, 1000);
  course.close_percent = static_cast<int>(5 + below(chance, 90));
  course.value_percent = static_cast<int>(70 + below(chance, 45));
  course.cents = static_cast<int64_t>(below(chance, 100));
  if (happens_one_in(chance, 6)) course.helper_bp = happens_one_in(chance, 2) ? 2500 : 3333;
  if (!happens_one_in(chance, 3)) course.months = happens_one_in(chance, 2) ? 12 : 24;
  course.lost_reason = kLostReasons[below(chance, kLostReasons.size())];
  const uint64_t regret = below(chance, 100);
  if (regret < 7) course.take_back = regret < 3 ? TakeBack::kWhole : TakeBack::kPart;
  return course;
}

Instant between(Instant from, Instant to, int percent) { return from + (to - from) / 100 * percent; }

}  // namespace tandem::cli
