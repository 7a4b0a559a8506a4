#include "shared/store/fold_call.h"

#include <algorithm>
#include <vector>

#include "shared/store/commit_call.h"
#include "shared/store/encoding.h"

namespace tandem::store {
namespace {

using std::chrono::milliseconds;

std::vector<const FoldedRequest*> remembered(const FoldedEvents& events, Instant now) {
  std::vector<const FoldedRequest*> remembered;
  for (const FoldedRequest& request : events.requests) {
    if (request.expires > now) remembered.push_back(&request);
  }
  return remembered;
}

}  // namespace

RedisCommand fold_command(const RedisKeys& keys, const std::string& token, const std::string& instance,
                          milliseconds ttl, const FoldedEvents& events, Instant now) {
  const auto requests = remembered(events, now);
  const IndexEdits indexes = index_edits(events.indexes);
  std::vector<std::string> touched = {keys.meta, keys.lease, keys.carried, keys.timers};
  for (const FoldedAggregate& one : events.aggregates) touched.push_back(keys.state(one.ref));
  for (const FoldedRequest* request : requests) touched.push_back(keys.request(request->request_id));
  for (const auto& [index, members] : indexes) touched.push_back(keys.index(index));

  RedisCommand command = call_function("tandem_v2_fold", touched);
  command.add(token).add(instance).add(std::to_string(ttl.count())).add(events.from).add(events.to);
  command.add(2 * events.marks.size()).add(events.aggregates.size()).add(requests.size());
  for (const auto& [source, mark] : events.marks) {
    command.add(std::string(kMarkField) + source_name(source)).add(mark_text(mark));
  }
  for (const FoldedAggregate& one : events.aggregates) command.add(one.stored.version + one.stored.bytes);
  for (const FoldedRequest* request : requests) {
    const auto left = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(request->expires - now));
    command.add(stored_reply(request->reply)).add(std::to_string(left.count()));
  }
  add_timer_edits(command, timer_edits(events.timers));
  for (const auto& [index, members] : indexes) add_index_edits(command, members);
  return command;
}

}  // namespace tandem::store
