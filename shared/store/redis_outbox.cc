#include "shared/store/redis_outbox.h"

#include <algorithm>
#include <array>
#include <optional>

#include "shared/store/commit_call.h"
#include "shared/store/encoding.h"

namespace tandem::store {
namespace {

// [id "n-0", [t, micros, r, record, m:<source>, "n,k", ...]]
std::optional<OutboxEntry> parse_entry(const redisReply& reply) {
  auto parts = elements_of(reply);
  if (parts.size() != 2) return std::nullopt;
  std::string_view id = text_of(*parts[0]);
  auto n = parse_number(id.substr(0, id.find('-')));
  auto fields = elements_of(*parts[1]);
  if (!n || fields.size() < 4) return std::nullopt;
  OutboxEntry entry{*n, std::string(text_of(*fields[3])), {}};
  for (size_t i = 4; i + 1 < fields.size(); i += 2) {
    auto source = parse_source(text_of(*fields[i]).substr(kMarkField.size()));
    auto mark = parse_mark(text_of(*fields[i + 1]));
    if (!source || !mark) return std::nullopt;
    entry.carried_marks.emplace_back(*source, *mark);
  }
  std::sort(entry.carried_marks.begin(), entry.carried_marks.end());
  return entry;
}

}  // namespace

Result<bool> RedisOutbox::lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  RedisCommand command = call_function("tandem_v1_lease", std::array{redis_.keys(shard).lease});
  command.add(token).add(std::to_string(ttl.count()));
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  return number_of(*reply) == 1U;
}

Status RedisOutbox::release(uint32_t shard, const std::string& token) {
  RedisCommand command = call_function("tandem_v1_release", std::array{redis_.keys(shard).lease});
  TANDEM_RETURN_IF_ERROR(redis_.call(shard, std::move(command.add(token))));
  return {};
}

Result<OutboxRead> RedisOutbox::read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) {
  const RedisKeys& keys = redis_.keys(shard);
  RedisCommand command = call_function("tandem_v1_read", std::array{keys.lease, keys.meta, keys.outbox});
  command.add(token).add(after).add(limit);
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  OutboxRead read;
  if (number_of(*reply) == 0U) return read;
  auto parts = elements_of(*reply);
  if (parts.size() != 2) return unexpected_reply(*reply);
  read.leased = true;
  read.generation = number_of(*parts[0]).value_or(0);
  for (const redisReply* element : elements_of(*parts[1])) {
    auto entry = parse_entry(*element);
    if (!entry) return unexpected_reply(*element);
    read.entries.push_back(std::move(*entry));
  }
  if (!read.entries.empty()) redis_.seen(shard, read.entries.back().n);
  return read;
}

Result<bool> RedisOutbox::trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                               uint64_t offset) {
  const RedisKeys& keys = redis_.keys(shard);
  RedisCommand command = call_function("tandem_v1_trim", std::array{keys.lease, keys.meta, keys.outbox});
  command.add(token).add(generation).add(n).add(offset + 1).add(n + 1);
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  return number_of(*reply) == 1U;
}

Result<std::vector<ShardStatus>> RedisOutbox::statuses(std::span<const uint32_t> shards) {
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (uint32_t shard : shards) {
    const RedisKeys& keys = redis_.keys(shard);
    commands.emplace_back(shard, call_function("tandem_v1_status", std::array{keys.meta, keys.outbox, keys.lease}));
  }
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<ShardStatus> statuses;
  for (const auto& reply : replies) {
    TANDEM_ASSIGN_OR_RETURN(ShardStatus status, parse_status(*reply));
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace tandem::store
