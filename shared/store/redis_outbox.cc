#include "shared/store/redis_outbox.h"

#include <algorithm>
#include <array>
#include <optional>

#include "shared/aggregate/healing.h"
#include "shared/store/commit_call.h"
#include "shared/store/encoding.h"
#include "shared/store/opening.h"
#include "shared/store/outbox_reply.h"

namespace tandem::store {
namespace {

// Of tandem_v2_read.
Result<OutboxRead> parse_read(const redisReply& reply) {
  OutboxRead read;
  if (number_of(reply) == 0U) return read;
  auto parts = elements_of(reply);
  if (parts.size() != 2) return unexpected_reply(reply);
  read.leased = true;
  read.generation = number_of(*parts[0]).value_or(0);
  for (const redisReply* element : elements_of(*parts[1])) {
    auto entry = parse_outbox_entry(*element);
    if (!entry) return unexpected_reply(*element);
    read.entries.push_back(std::move(*entry));
  }
  return read;
}

// Of tandem_v2_status.
Result<ShardStatus> parse_status(const redisReply& reply) {
  auto fields = elements_of(reply);
  if (fields.size() != 10) return unexpected_reply(reply);
  std::array<uint64_t, 5> numbers{};
  for (size_t i = 0; i < numbers.size(); ++i) {
    auto number = number_of(*fields[i]);
    if (!number) return unexpected_reply(*fields[i]);
    numbers[i] = *number;
  }
  ShardStatus status;
  status.generation = numbers[0];
  status.last_number = numbers[1];
  status.trimmed = numbers[2];
  status.trimmed_offset = numbers[3];
  status.unpublished = numbers[4];
  if (auto oldest = number_of(*fields[5])) status.oldest_unpublished = from_micros(static_cast<int64_t>(*oldest));
  status.lease = std::string(text_of(*fields[6]));
  status.reconciled = text_of(*fields[7]) == "1";
  return status;
}

// Of functions that answer 1 or 0.
std::vector<bool> verdicts(std::span<const RedisReply> replies) {
  std::vector<bool> verdicts;
  for (const RedisReply& reply : replies) verdicts.push_back(number_of(*reply) == 1U);
  return verdicts;
}

RedisCommand status_command(const RedisKeys& keys, const std::string& instance) {
  return call_function("tandem_v2_status", std::array{keys.meta, keys.outbox, keys.lease}).add(instance);
}

}  // namespace

Result<ShardStatus> RedisOutbox::open(uint32_t shard) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call_made(shard, status_command));
  TANDEM_ASSIGN_OR_RETURN(ShardStatus status, parse_status(*reply));
  auto fields = elements_of(*reply);
  TANDEM_RETURN_IF_ERROR(check_identity(redis_.options().identity, text_of(*fields[8]),
                                        static_cast<uint32_t>(number_of(*fields[9]).value_or(0))));
  if (!status.reconciled) return not_serving(shard);
  return status;
}

Result<bool> RedisOutbox::lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) {
  const OutboxLease lease{shard, token};
  TANDEM_ASSIGN_OR_RETURN(const auto leased, lease_all(std::span(&lease, 1), ttl));
  return bool(leased.front());
}

Result<std::vector<bool>> RedisOutbox::lease_all(std::span<const OutboxLease> leases, std::chrono::milliseconds ttl) {
  const auto command = [ttl](const OutboxLease& lease, const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_lease", std::array{keys.lease, keys.meta})
        .add(lease.token)
        .add(std::to_string(ttl.count()))
        .add(instance);
  };
  TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read_made(leases, command));
  return verdicts(replies);
}

Status RedisOutbox::release(uint32_t shard, const std::string& token) {
  RedisCommand command = call_function("tandem_v2_release", std::array{redis_.keys(shard).lease});
  TANDEM_RETURN_IF_ERROR(redis_.call(shard, std::move(command.add(token))));
  return {};
}

Result<OutboxRead> RedisOutbox::read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) {
  const OutboxQuery query{shard, token, after, limit};
  TANDEM_ASSIGN_OR_RETURN(auto reads, read_all(std::span(&query, 1)));
  return std::move(reads.front());
}

Result<std::vector<OutboxRead>> RedisOutbox::read_all(std::span<const OutboxQuery> queries) {
  const auto command = [](const OutboxQuery& query, const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_read", std::array{keys.lease, keys.meta, keys.outbox})
        .add(query.token)
        .add(instance)
        .add(query.after)
        .add(query.limit);
  };
  TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read_made(queries, command));
  std::vector<OutboxRead> reads;
  for (const auto& reply : replies) {
    TANDEM_ASSIGN_OR_RETURN(OutboxRead read, parse_read(*reply));
    reads.push_back(std::move(read));
  }
  return reads;
}

Result<bool> RedisOutbox::trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                               std::optional<uint64_t> offset) {
  const OutboxTrim trim{shard, token, generation, n, offset};
  TANDEM_ASSIGN_OR_RETURN(const auto trimmed, trim_all(std::span(&trim, 1)));
  return bool(trimmed.front());
}

Result<std::vector<bool>> RedisOutbox::trim_all(std::span<const OutboxTrim> trims) {
  const auto command = [](const OutboxTrim& trim, const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_trim", std::array{keys.lease, keys.meta, keys.outbox})
        .add(trim.token)
        .add(instance)
        .add(trim.generation)
        .add(trim.n)
        .add(trim.offset ? *trim.offset + 1 : 0)
        .add(trim.n + 1);
  };
  TANDEM_ASSIGN_OR_RETURN(const auto replies, redis_.read_made(trims, command));
  return verdicts(replies);
}

Result<std::vector<ShardStatus>> RedisOutbox::statuses(std::span<const uint32_t> shards) {
  const auto command = [](uint32_t, const RedisKeys& keys, const std::string& instance) {
    return status_command(keys, instance);
  };
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read_made(shards, command));
  std::vector<ShardStatus> statuses;
  for (const auto& reply : replies) {
    TANDEM_ASSIGN_OR_RETURN(ShardStatus status, parse_status(*reply));
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace tandem::store
