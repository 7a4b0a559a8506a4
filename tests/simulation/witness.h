// What really happened, whoever heard of it: every commit as the store judged it, and every answer that a client got.
// The invariants compare it with the log.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "shared/aggregate/store.h"

namespace tandem::simulation {

class Witness {
 public:
  // An event that was committed, under whatever generation.
  struct Made {
    size_t service = 0;
    uint32_t shard = 0;
    uint64_t n = 0;
    uint64_t losses = 0;  // how often the service's Redis had lost something by then
  };
  // A consumed event and an aggregate that it concerns.
  struct Caused {
    size_t service = 0;  // whose reaction
    Source source;
    uint64_t n = 0;
    AggregateRef target;

    auto operator<=>(const Caused&) const = default;
  };
  // A command that came to nothing, and the event that was committed next in its shard: with it, this is in the log.
  struct Nothing {
    uint64_t k = 0;
    std::string next;
  };
  struct Answer {
    size_t service = 0;
    std::string request_id;
    std::string event_id;
    bool published = false;
  };

  void committed(size_t service, const std::string& service_name, const Commit& commit, const CommitOutcome& outcome);
  void answered(Answer answer) { answers_.push_back(std::move(answer)); }
  void redis_lost(size_t service);

  uint64_t commits() const { return commits_; }
  uint64_t losses(size_t service) const { return losses_[service]; }
  const std::map<std::string, Made>& made() const { return made_; }
  const std::vector<Answer>& answers() const { return answers_; }
  const std::map<Caused, std::vector<Nothing>>& nothings() const { return nothings_; }
  // How often it was applied, with an event or without, at most in the time between two losses of Redis.
  uint64_t most_applied(const Caused& caused) const;
  // What went wrong at the moment of a commit, in words.
  const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  std::map<std::string, Made> made_;
  std::vector<Answer> answers_;
  std::map<Caused, std::vector<Nothing>> nothings_;
  std::map<std::pair<size_t, uint32_t>, std::vector<std::pair<Caused, size_t>>> without_next_;
  struct Applied {
    uint64_t losses = 0;
    uint64_t times = 0;
    uint64_t most = 0;
  };
  std::map<Caused, Applied> applied_;
  std::map<std::tuple<size_t, uint32_t, Source>, MarkValue> marks_;
  std::vector<std::string> wrong_;
  uint64_t losses_[4] = {};
  uint64_t commits_ = 0;
};

}  // namespace tandem::simulation
