#include "shared/rpc/desk.h"

#include <string>

namespace tandem::rpc {
namespace {

Error no_time_left(bool decided) {
  return make_error(Code::kDeadlineExceeded, decided ? "there was no answer in time; the outcome is unknown: send it "
                                                       "again with the same request_id"
                                                     : "no time was left to decide; nothing was done");
}

}  // namespace

AnswerToken Desk::submit(IncomingCommand command, CommandGiver& giver, uint64_t row) {
  const AnswerToken token = ++last_token_;
  command.token = token;
  waiting_.emplace(token, Waiting{&giver, row, command.deadline});
  deadlines_.emplace(command.deadline, token);
  ready_.push_back(std::move(command));
  return token;
}

void Desk::forget(AnswerToken token) {
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  deadlines_.erase({found->second.deadline, token});
  waiting_.erase(found);
}

std::vector<IncomingCommand> Desk::take(size_t max, SystemTime now) {
  std::vector<IncomingCommand> taken;
  while (!ready_.empty() && taken.size() < max) {
    IncomingCommand command = std::move(ready_.front());
    ready_.pop_front();
    if (!waiting_.contains(command.token)) continue;
    if (command.deadline <= now) {
      ++expired_;
      answer(command.token, no_time_left(false));
      continue;
    }
    taken.push_back(std::move(command));
  }
  taken_ += taken.size();
  return taken;
}

void Desk::answer(AnswerToken token, const Result<type::v1::CommandResult>& result) {
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  forget(token);
  waiting.giver->on_answer(token, waiting.row, result);
}

void Desk::expire(SystemTime now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    ++expired_;
    answer(deadlines_.begin()->second, no_time_left(true));
  }
}

void Desk::answer_all(const Error& error) {
  ready_.clear();
  while (!waiting_.empty()) answer(waiting_.begin()->first, error);
}

void Desk::tell_of_room() {
  // A giver may take the room at once, and wait again.
  for (size_t left = hopeful_.size(); left > 0 && !full() && !hopeful_.empty(); --left) {
    CommandGiver* giver = *hopeful_.begin();
    hopeful_.erase(hopeful_.begin());
    giver->on_room();
  }
}

}  // namespace tandem::rpc
