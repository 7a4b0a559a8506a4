#include "shared/store/redis_healing.h"

#include <algorithm>
#include <array>

#include "shared/store/encoding.h"
#include "shared/store/fold_call.h"
#include "shared/store/opening.h"
#include "shared/store/outbox_reply.h"

namespace tandem::store {

using std::chrono::milliseconds;

Result<ShardCondition> RedisHealing::parse_condition(const redisReply& reply) const {
  auto fields = elements_of(reply);
  if (fields.size() != 9) return unexpected_reply(reply);
  TANDEM_RETURN_IF_ERROR(check_identity(redis_.options().identity, text_of(*fields[6]),
                                        static_cast<uint32_t>(number_of(*fields[7]).value_or(0))));
  ShardCondition condition;
  condition.reconciled = text_of(*fields[0]) == "1";
  condition.generation = number_of(*fields[1]).value_or(0);
  condition.number = number_of(*fields[2]).value_or(0);
  condition.trimmed = number_of(*fields[3]).value_or(0);
  condition.offset = number_of(*fields[4]).value_or(0);
  condition.anchor = std::string(text_of(*fields[5]));
  condition.claimed = text_of(*fields[8]) == "1";
  return condition;
}

Result<std::vector<ShardCondition>> RedisHealing::look(std::span<const uint32_t> shards) {
  const auto command = [](uint32_t, const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_condition", std::array{keys.meta, keys.lease}).add(instance);
  };
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read_made(shards, command));
  std::vector<ShardCondition> conditions;
  for (const auto& reply : replies) {
    TANDEM_ASSIGN_OR_RETURN(ShardCondition condition, parse_condition(*reply));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

Result<Claim> RedisHealing::claim(uint32_t shard, const std::string& token, milliseconds ttl) {
  const StoreIdentity& identity = redis_.options().identity;
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call_made(shard, [&](const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_claim", std::array{keys.meta, keys.lease})
        .add(instance)
        .add(identity.installation)
        .add(identity.shards)
        .add(token)
        .add(std::to_string(ttl.count()));
  }));
  auto parts = elements_of(*reply);
  if (parts.size() != 2) return unexpected_reply(*reply);
  Claim claim;
  TANDEM_ASSIGN_OR_RETURN(claim.condition, parse_condition(*parts[1]));
  const std::string_view word = text_of(*parts[0]);
  if (word == "claimed") {
    claim.verdict = Claim::Verdict::kClaimed;
  } else if (word == "reconciled") {
    claim.verdict = Claim::Verdict::kNotNeeded;
  } else if (word != "busy") {
    return unexpected_reply(*reply);
  }
  return claim;
}

Result<bool> RedisHealing::renew(uint32_t shard, const std::string& token, milliseconds ttl) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call_made(shard, [&](const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_renew", std::array{keys.meta, keys.lease})
        .add(token)
        .add(instance)
        .add(std::to_string(ttl.count()));
  }));
  return number_of(*reply) == 1U;
}

Result<bool> RedisHealing::fold(uint32_t shard, const std::string& token, milliseconds ttl, const FoldedEvents& events,
                                Instant now) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call_made(shard, [&](const RedisKeys& keys, const std::string& instance) {
    return fold_command(keys, token, instance, ttl, events, now);
  }));
  return number_of(*reply) == 1U;
}

Result<bool> RedisHealing::finish(uint32_t shard, const std::string& token, const Reconciliation& end) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call_made(shard, [&](const RedisKeys& keys, const std::string& instance) {
    return call_function("tandem_v2_finish", std::array{keys.meta, keys.lease, keys.outbox})
        .add(token)
        .add(instance)
        .add(end.generation)
        .add(end.number)
        .add(end.number + 1)
        .add(end.nonce);
  }));
  return number_of(*reply) == 1U;
}

Status RedisHealing::abandon(uint32_t shard, const std::string& token) {
  RedisCommand command = call_function("tandem_v2_release", std::array{redis_.keys(shard).lease});
  TANDEM_RETURN_IF_ERROR(redis_.call(shard, std::move(command.add(token))));
  return {};
}

Result<std::vector<Stored>> RedisHealing::load(uint32_t shard, std::span<const AggregateRef> aggregates) {
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (const AggregateRef& ref : aggregates) {
    commands.emplace_back(shard, RedisCommand("GET").add(redis_.keys(shard).state(ref)));
  }
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<Stored> stored;
  for (const auto& reply : replies) stored.push_back(parse_stored(text_of(*reply)));
  return stored;
}

Result<std::vector<UnpublishedEvent>> RedisHealing::unpublished(uint32_t shard, uint64_t after, uint32_t limit) {
  RedisCommand command("XRANGE");
  command.add(redis_.keys(shard).outbox).add("(" + std::to_string(after) + "-0").add("+").add("COUNT").add(limit);
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  std::vector<UnpublishedEvent> events;
  for (const redisReply* element : elements_of(*reply)) {
    auto event = parse_unpublished(*element);
    if (!event) return unexpected_reply(*element);
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace tandem::store
