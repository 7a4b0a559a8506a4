#include "tests/chaos/history.h"

#include <algorithm>

namespace tandem::chaos {

void History::under(const std::string& fault) {
  std::lock_guard lock(mutex_);
  fault_ = fault;
}

void History::begin(const std::string& command, const std::string& request_id, const std::string& about) {
  std::lock_guard lock(mutex_);
  const auto [at, fresh] = acts_.try_emplace(request_id);
  if (!fresh) return;
  at->second.command = command;
  at->second.request_id = request_id;
  at->second.about = about;
  at->second.fault = fault_;
}

void History::acknowledge(const std::string& request_id, const type::v1::CommandResult& answer) {
  std::lock_guard lock(mutex_);
  Act& act = acts_.at(request_id);
  act.outcome = Outcome::kAcknowledged;
  act.answer = answer;
  acknowledged_.push_back(request_id);
  answers_.push_back(Clock::now());
}

void History::refuse(const std::string& request_id, const std::string& error) {
  std::lock_guard lock(mutex_);
  Act& act = acts_.at(request_id);
  act.outcome = Outcome::kRefused;
  act.error = error;
}

void History::give_up(const std::string& request_id) {
  std::lock_guard lock(mutex_);
  Act& act = acts_.at(request_id);
  if (act.outcome != Outcome::kAcknowledged) act.outcome = Outcome::kUnknown;
}

std::vector<Act> History::acts() const {
  std::lock_guard lock(mutex_);
  std::vector<Act> all;
  for (const auto& [id, act] : acts_) all.push_back(act);
  return all;
}

std::vector<Act> History::last_acknowledged(size_t count) const {
  std::lock_guard lock(mutex_);
  std::vector<Act> last;
  for (auto id = acknowledged_.rbegin(); id != acknowledged_.rend() && last.size() < count; ++id) {
    const Act& act = acts_.at(*id);
    if (!act.answer.event_id().empty()) last.push_back(act);
  }
  return last;
}

History::Clock::duration History::longest_silence(Clock::time_point begin) const {
  std::lock_guard lock(mutex_);
  Clock::duration longest{};
  Clock::time_point before = begin;
  for (auto at = std::ranges::lower_bound(answers_, begin); at != answers_.end(); ++at) {
    longest = std::max(longest, *at - before);
    before = *at;
  }
  return std::max(longest, Clock::now() - before);
}

}  // namespace tandem::chaos
