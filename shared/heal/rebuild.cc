#include "shared/heal/rebuild.h"

#include <utility>

#include "shared/heal/shard_rebuild.h"

namespace tandem::heal {

Rebuild::Rebuild(Inspection& inspection, bus::Log& log, const Registry& registry, Clock& clock, RebuildOptions options,
                 std::function<void(const RebuildProgress&)> on_progress)
    : inspection_(inspection),
      log_(log),
      registry_(registry),
      clock_(clock),
      options_(std::move(options)),
      on_progress_(std::move(on_progress)),
      reader_(log, bus::events_topic(options_.service)) {}

Result<RebuildReport> Rebuild::run() {
  std::vector<uint64_t> ends;
  for (uint32_t shard = 0; shard < options_.shards; ++shard) {
    TANDEM_ASSIGN_OR_RETURN(const bus::Watermarks log, reader_.watermarks(shard, options_.patience));
    if (log.low > 0) {
      return make_error(Code::kDataLoss, bus::events_topic(options_.service) + "[" + std::to_string(shard) +
                                             "] begins with offset " + std::to_string(log.low) +
                                             ": what came before is gone. " + log_.retention_advice());
    }
    ends.push_back(log.high);
    progress_.total += log.high;
  }
  for (uint32_t shard = 0; shard < options_.shards; ++shard) {
    progress_.shard = shard;
    enter(RebuildProgress::Phase::kReading);
    ShardRebuild one(*this, shard);
    TANDEM_RETURN_IF_ERROR(one.read(ends[shard]));
    enter(RebuildProgress::Phase::kComparing);
    TANDEM_RETURN_IF_ERROR(one.compare());
  }
  reader_.close();
  enter(RebuildProgress::Phase::kDone);
  return report_;
}

void Rebuild::enter(RebuildProgress::Phase phase) {
  progress_.phase = phase;
  on_progress_(progress_);
}

}  // namespace tandem::heal
