// The rebuild of one shard: see rebuild.h.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "shared/heal/rebuild.h"

namespace tandem::heal {

class ShardRebuild {
 public:
  ShardRebuild(Rebuild& of, uint32_t shard);

  // Folds what the log has up to `end`, an offset.
  Status read(uint64_t end);
  // Compares with the live data, and mends.
  Status compare();

 private:
  // What Redis has of an aggregate, and what the log makes, as they were looked at last.
  struct Suspect {
    AggregateRef ref;
    AggregateDump live;
    AggregateDump right;
  };

  // Folds up to event `number`, from the outbox or from the log, wherever they are by now.
  Status catch_up(uint64_t number);
  Status catch_up_from_log(uint64_t number);
  Status add(const bus::EventRecord& event);
  AggregateDump expected(const AggregateRef& ref) const;
  // Equal, but for timers that have fired and led to nothing.
  bool same(const AggregateDump& live, const AggregateDump& right) const;
  void compare(const AggregateRef& ref, const AggregateDump& live);
  Status settle();
  Result<bool> say(const Suspect& one);
  Result<std::vector<AggregateDump>> look_again();
  void compare_marks(const std::map<Source, MarkValue>& live);
  void compare_requests(const ShardDump& dump);
  void differs(const std::string& what, const std::string& how, bool mended = false);

  Rebuild& of_;
  const uint32_t shard_;
  Replay replay_;
  Folder folder_;
  uint64_t number_ = 0;  // of the last event that was folded
  std::vector<Suspect> suspects_;
  std::map<Source, MarkValue> marks_;
  std::unordered_map<std::string, FoldedRequest> requests_;
};

}  // namespace tandem::heal
