// Where commands wait: those that are ready for the engine, and all that have no answer yet. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "shared/rpc/server.h"

namespace tandem::rpc {

// Who gave a command and is told what became of it.
class CommandGiver {
 public:
  virtual ~CommandGiver() = default;
  // `row` is what submit() was given.
  virtual void on_answer(AnswerToken token, uint64_t row, const Result<type::v1::CommandResult>& result) = 0;
  // There is room for commands again.
  virtual void on_room() {}
};

class Desk {
 public:
  using SystemTime = std::chrono::system_clock::time_point;

  explicit Desk(size_t max_waiting) : max_waiting_(max_waiting) {}

  bool full() const { return waiting_.size() >= max_waiting_; }
  size_t waiting() const { return waiting_.size(); }
  size_t ready() const { return ready_.size(); }

  AnswerToken submit(IncomingCommand command, CommandGiver& giver, uint64_t row);
  // Nobody waits for it any more. If it was not taken yet, it is never decided.
  void forget(AnswerToken token);

  // At most `max` that somebody still waits for. What has no time left is answered with DEADLINE_EXCEEDED instead.
  std::vector<IncomingCommand> take(size_t max, SystemTime now);
  // Nothing if the token is forgotten.
  void answer(AnswerToken token, const Result<type::v1::CommandResult>& result);
  // Those whose deadline is past, decided or not, get DEADLINE_EXCEEDED. For calls whose deadline gRPC does not know.
  void expire(SystemTime now);
  // Answers all.
  void answer_all(const Error& error);

  // The giver hears on_room() once when it is no longer full.
  void call_when_room(CommandGiver& giver) { hopeful_.insert(&giver); }
  void leave(CommandGiver& giver) { hopeful_.erase(&giver); }
  void tell_of_room();

  uint64_t taken() const { return taken_; }
  uint64_t expired() const { return expired_; }

 private:
  struct Waiting {
    CommandGiver* giver = nullptr;
    uint64_t row = 0;
    SystemTime deadline;
  };

  size_t max_waiting_;
  AnswerToken last_token_ = 0;
  std::deque<IncomingCommand> ready_;
  std::unordered_map<AnswerToken, Waiting> waiting_;
  // Of all that wait.
  std::set<std::pair<SystemTime, AnswerToken>> deadlines_;
  std::set<CommandGiver*> hopeful_;
  uint64_t taken_ = 0;
  uint64_t expired_ = 0;
};

}  // namespace tandem::rpc
