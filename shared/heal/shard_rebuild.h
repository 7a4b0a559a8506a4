// The rebuild of one shard: see rebuild.h.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

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
  // Folds up to event `number`, from the outbox or from the log, wherever they are by now.
  Status catch_up(uint64_t number);
  Status catch_up_from_log(uint64_t number);
  Status add(const bus::EventRecord& event);
  AggregateDump expected(const AggregateRef& ref) const;
  // Equal, but for timers that have fired and led to nothing.
  bool same(const AggregateDump& live, const AggregateDump& right) const;
  Status compare(const AggregateRef& ref, const AggregateDump& live);
  Status settle(const AggregateRef& ref, AggregateDump live, AggregateDump right);
  Result<AggregateDump> look_again(const AggregateRef& ref, const AggregateDump& live, const AggregateDump& right);
  void compare_marks(const std::map<Source, MarkValue>& live);
  void compare_requests(const ShardDump& dump);
  void differs(const std::string& what, const std::string& how, bool mended = false);

  Rebuild& of_;
  const uint32_t shard_;
  Replay replay_;
  Folder folder_;
  uint64_t number_ = 0;  // of the last event that was folded
  std::map<Source, MarkValue> marks_;
  std::unordered_map<std::string, FoldedRequest> requests_;
};

}  // namespace tandem::heal
