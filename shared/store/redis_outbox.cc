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

RedisCommand RedisOutbox::read_command(const OutboxQuery& query) const {
  const RedisKeys& keys = redis_.keys(query.shard);
  RedisCommand command = call_function("tandem_v1_read", std::array{keys.lease, keys.meta, keys.outbox});
  command.add(query.token).add(query.after).add(query.limit);
  return command;
}

Result<OutboxRead> RedisOutbox::parse_read(uint32_t shard, const redisReply& reply) {
  OutboxRead read;
  if (number_of(reply) == 0U) return read;
  auto parts = elements_of(reply);
  if (parts.size() != 2) return unexpected_reply(reply);
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

Result<OutboxRead> RedisOutbox::read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) {
  const OutboxQuery query{shard, token, after, limit};
  TANDEM_ASSIGN_OR_RETURN(auto reads, read_all(std::span(&query, 1)));
  return std::move(reads.front());
}

Result<std::vector<OutboxRead>> RedisOutbox::read_all(std::span<const OutboxQuery> queries) {
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (const OutboxQuery& query : queries) commands.emplace_back(query.shard, read_command(query));
  TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read(commands));
  std::vector<OutboxRead> reads;
  for (size_t i = 0; i < replies.size(); ++i) {
    TANDEM_ASSIGN_OR_RETURN(OutboxRead read, parse_read(queries[i].shard, *replies[i]));
    reads.push_back(std::move(read));
  }
  return reads;
}

RedisCommand RedisOutbox::trim_command(const OutboxTrim& trim) const {
  const RedisKeys& keys = redis_.keys(trim.shard);
  RedisCommand command = call_function("tandem_v1_trim", std::array{keys.lease, keys.meta, keys.outbox});
  command.add(trim.token).add(trim.generation).add(trim.n).add(trim.offset + 1).add(trim.n + 1);
  return command;
}

Result<bool> RedisOutbox::trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                               uint64_t offset) {
  const OutboxTrim trim{shard, token, generation, n, offset};
  TANDEM_ASSIGN_OR_RETURN(const auto trimmed, trim_all(std::span(&trim, 1)));
  return bool(trimmed.front());
}

Result<std::vector<bool>> RedisOutbox::trim_all(std::span<const OutboxTrim> trims) {
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (const OutboxTrim& trim : trims) commands.emplace_back(trim.shard, trim_command(trim));
  TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read(commands));
  std::vector<bool> trimmed;
  for (const auto& reply : replies) trimmed.push_back(number_of(*reply) == 1U);
  return trimmed;
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
