#include "shared/store/redis_healing.h"

#include <algorithm>
#include <array>

#include "shared/store/encoding.h"
#include "shared/store/fold_call.h"
#include "shared/store/opening.h"

namespace tandem::store {
namespace {

using std::chrono::milliseconds;

// [id "n-0", [t, micros, r, record, v, version, ...]]
std::optional<UnpublishedEvent> parse_unpublished(const redisReply& reply) {
  auto parts = elements_of(reply);
  if (parts.size() != 2) return std::nullopt;
  std::string_view id = text_of(*parts[0]);
  auto n = parse_number(id.substr(0, id.find('-')));
  auto fields = elements_of(*parts[1]);
  if (!n || fields.size() < 6) return std::nullopt;
  return UnpublishedEvent{*n, std::string(text_of(*fields[5]))};
}

}  // namespace

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
  std::vector<std::pair<uint32_t, RedisCommand>> commands;
  for (uint32_t shard : shards) {
    TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
    const RedisKeys& keys = redis_.keys(shard);
    RedisCommand command = call_function("tandem_v2_condition", std::array{keys.meta, keys.lease});
    commands.emplace_back(shard, std::move(command.add(redis_.instance(shard))));
  }
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<ShardCondition> conditions;
  for (const auto& reply : replies) {
    TANDEM_ASSIGN_OR_RETURN(ShardCondition condition, parse_condition(*reply));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

Result<Claim> RedisHealing::claim(uint32_t shard, const std::string& token, milliseconds ttl) {
  TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
  const RedisKeys& keys = redis_.keys(shard);
  const StoreIdentity& identity = redis_.options().identity;
  RedisCommand command = call_function("tandem_v2_claim", std::array{keys.meta, keys.lease});
  command.add(redis_.instance(shard)).add(identity.installation).add(identity.shards);
  command.add(token).add(std::to_string(ttl.count()));
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
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
  TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
  const RedisKeys& keys = redis_.keys(shard);
  RedisCommand command = call_function("tandem_v2_renew", std::array{keys.meta, keys.lease});
  command.add(token).add(redis_.instance(shard)).add(std::to_string(ttl.count()));
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command)));
  return number_of(*reply) == 1U;
}

Result<bool> RedisHealing::fold(uint32_t shard, const std::string& token, milliseconds ttl, const FoldedEvents& events,
                                Instant now) {
  TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, fold_command(redis_.keys(shard), token, redis_.instance(shard),
                                                                      ttl, events, now)));
  return number_of(*reply) == 1U;
}

Result<bool> RedisHealing::finish(uint32_t shard, const std::string& token, const Reconciliation& end) {
  TANDEM_RETURN_IF_ERROR(redis_.connection(shard).ready());
  const RedisKeys& keys = redis_.keys(shard);
  RedisCommand command = call_function("tandem_v2_finish", std::array{keys.meta, keys.lease, keys.outbox});
  command.add(token).add(redis_.instance(shard)).add(end.generation).add(end.number).add(end.number + 1);
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, std::move(command.add(end.nonce))));
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
