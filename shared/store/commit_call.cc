#include "shared/store/commit_call.h"

#include <vector>

#include "shared/store/encoding.h"

namespace tandem::store {
namespace {

using Outcome = CommitOutcome::Status;

}  // namespace

void add_timer_edits(RedisCommand& command, const TimerEdits& edits) {
  size_t added = 0;
  for (const auto& [member, score] : edits) added += score ? 1 : 0;
  command.add(edits.size() - added).add(2 * added);
  for (const auto& [member, score] : edits) {
    if (!score) command.add(member);
  }
  for (const auto& [member, score] : edits) {
    if (score) command.add(std::to_string(*score)).add(member);
  }
}

void add_index_edits(RedisCommand& command, const std::map<std::string, bool>& members) {
  size_t added = 0;
  for (const auto& [member, add] : members) added += add ? 1 : 0;
  command.add(members.size() - added).add(2 * added);
  for (const auto& [member, add] : members) {
    if (!add) command.add(member);
  }
  for (const auto& [member, add] : members) {
    if (add) command.add("0").add(member);
  }
}

RedisCommand commit_command(const RedisKeys& keys, const Commit& commit, const std::string& instance, Instant now) {
  IndexEdits indexes;
  if (commit.change) indexes = index_edits(commit.change->indexes);
  std::vector<std::string> touched = {keys.meta, keys.carried, keys.state(commit.aggregate), keys.outbox, keys.timers};
  if (!commit.request_id.empty()) touched.push_back(keys.request(commit.request_id));
  for (const auto& [index, members] : indexes) touched.push_back(keys.index(index));

  RedisCommand command = call_function("tandem_v2_commit", touched);
  command.add(commit.generation).add(instance).add(commit.request_id.empty() ? "" : reply_text(commit));
  if (commit.mark) {
    command.add(std::string(kMarkField) + source_name(commit.mark->source));
    command.add(mark_text(commit.mark->expected)).add(mark_text(commit.mark->to));
  } else {
    command.add("").add("").add("");
  }
  command.add(commit.expected_version);
  if (commit.change) {
    command.add(commit.change->version + commit.change->bytes);
    command.add(std::to_string(to_micros(now))).add(commit.change->outbox_record);
  } else {
    command.add("").add("").add("");
  }
  add_timer_edits(command, timer_edits(commit.timers));
  for (const auto& [index, members] : indexes) add_index_edits(command, members);
  return command;
}

CommitOutcome parse_commit_reply(const redisReply& reply, bool& other_instance) {
  CommitOutcome outcome;
  if (reply.type == REDIS_REPLY_INTEGER) {
    outcome.status = Outcome::kCommitted;
    outcome.n = static_cast<uint64_t>(reply.integer);
    return outcome;
  }
  auto parts = elements_of(reply);
  std::string_view word = parts.empty() ? std::string_view() : text_of(*parts[0]);
  std::string_view detail = parts.size() < 2 ? std::string_view() : text_of(*parts[1]);
  auto known = parse_reply(detail);
  auto mark = parse_mark(detail);
  if (word == "generation") {
    outcome.status = Outcome::kWrongGeneration;
  } else if (word == "version") {
    outcome.status = Outcome::kWrongVersion;
  } else if (word == "mark" && mark) {
    outcome.status = Outcome::kWrongMark;
    outcome.mark = *mark;
  } else if (word == "duplicate" && known) {
    outcome.status = Outcome::kDuplicate;
    outcome.n = known->n;
    outcome.reply = *known;
  } else if (word == "instance") {
    outcome.status = Outcome::kUnavailable;
    other_instance = true;
  } else {
    outcome.status = Outcome::kUnknown;
  }
  return outcome;
}

}  // namespace tandem::store
