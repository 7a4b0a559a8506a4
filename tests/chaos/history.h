// What the clients did and heard: every command with its answer, under which fault it was sent, and when answers came.
// Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tandem/type/v1/type.pb.h"

namespace tandem::chaos {

enum class Outcome {
  kUnderWay,
  kAcknowledged,  // PUBLISHED: it survives whatever comes
  kRefused,       // by a rule: it has no effect
  kUnknown,       // the client gave up: it has its effect once, or none
};

struct Act {
  std::string command;  // "CaptureLead"
  std::string request_id;
  std::string about;  // e-mail, assignment or opportunity
  std::string fault;  // kind of the fault under which it was sent first
  Outcome outcome = Outcome::kUnderWay;
  type::v1::CommandResult answer;
  std::string error;
};

class History {
 public:
  using Clock = std::chrono::steady_clock;

  // From now on commands count as sent under this kind of fault.
  void under(const std::string& fault);
  // A command that is sent again later (by another client, say) keeps its first entry.
  void begin(const std::string& command, const std::string& request_id, const std::string& about);
  void acknowledge(const std::string& request_id, const type::v1::CommandResult& answer);
  void refuse(const std::string& request_id, const std::string& error);
  void give_up(const std::string& request_id);

  std::vector<Act> acts() const;
  // Up to `count` that were acknowledged with an event, the last ones.
  std::vector<Act> last_acknowledged(size_t count) const;
  // The longest time between two acknowledgements from `begin` to now.
  Clock::duration longest_silence(Clock::time_point begin) const;

 private:
  mutable std::mutex mutex_;
  std::string fault_ = "(before)";
  std::map<std::string, Act> acts_;
  std::vector<std::string> acknowledged_;  // in that order
  std::vector<Clock::time_point> answers_;
};

}  // namespace tandem::chaos
