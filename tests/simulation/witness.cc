#include "tests/simulation/witness.h"

#include <algorithm>

#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::simulation {

void Witness::committed(size_t service, const std::string& service_name, const Commit& commit,
                        const CommitOutcome& outcome) {
  if (outcome.status != CommitOutcome::Status::kCommitted) return;
  commits_++;
  const std::pair<size_t, uint32_t> shard{service, commit.shard};
  if (commit.change) {
    exchange::v1::OutboxRecord record;
    record.ParseFromString(commit.change->outbox_record);
    const std::string& id = record.envelope().event_id();
    made_[id] = {service, commit.shard, outcome.n, losses_[service]};
    for (const auto& [caused, i] : without_next_[shard]) nothings_[caused][i].next = id;
    without_next_[shard].clear();
  }
  if (!commit.mark) return;
  MarkValue& last = marks_[{service, commit.shard, commit.mark->source}];
  if (commit.mark->to <= last) {
    wrong_.push_back("the mark of " + service_name + "/" + std::to_string(commit.shard) + " for " +
                     source_name(commit.mark->source) + " goes from " + std::to_string(last.n) + "," +
                     std::to_string(last.k) + " back to " + std::to_string(commit.mark->to.n) + "," +
                     std::to_string(commit.mark->to.k));
  }
  last = commit.mark->to;
  const Caused caused{service, commit.mark->source, commit.mark->to.n, commit.aggregate};
  Applied& applied = applied_[caused];
  if (std::exchange(applied.losses, losses_[service]) != losses_[service]) applied.times = 0;
  applied.most = std::max(applied.most, ++applied.times);
  if (!commit.change) {
    std::vector<Nothing>& nothings = nothings_[caused];
    without_next_[shard].emplace_back(caused, nothings.size());
    nothings.push_back({commit.mark->to.k, {}});
  }
}

uint64_t Witness::most_applied(const Caused& caused) const {
  const auto found = applied_.find(caused);
  return found == applied_.end() ? 0 : found->second.most;
}

// What was lost, nobody remembers: marks may be what they were before, and a number may come again.
void Witness::redis_lost(size_t service) {
  losses_[service]++;
  std::erase_if(marks_, [&](const auto& entry) { return std::get<0>(entry.first) == service; });
  std::erase_if(without_next_, [&](const auto& entry) { return entry.first.first == service; });
}

}  // namespace tandem::simulation
