#include "shared/store/redis_shards.h"

#include <array>
#include <string_view>

#include "shared/store/opening.h"
#include "shared/store/redis_greeting.h"

namespace tandem::store {
namespace {

// Errors that Redis gives instead of doing anything.
bool not_done(std::string_view error) {
  constexpr std::array<std::string_view, 13> kPrefixes = {
      "OOM ",    "MISCONF ", "READONLY ",   "LOADING ",     "BUSY ", "NOREPLICAS ",           "NOAUTH ",
      "NOPERM ", "MOVED ",   "MASTERDOWN ", "CLUSTERDOWN ", "ASK ",  "ERR Function not found"};
  for (std::string_view prefix : kPrefixes) {
    if (error.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Result<ShardStatus> parse_status(const redisReply& reply) {
  auto fields = elements_of(reply);
  if (fields.size() != 7) return unexpected_reply(reply);
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
  return status;
}

RedisShards::RedisShards(RedisOptions options, RedisConnection::OnLoss on_loss) : options_(std::move(options)) {
  for (uint32_t shard = 0; shard < options_.identity.shards; ++shard) {
    keys_.emplace_back(options_.prefix, options_.identity.service, shard);
  }
  seen_.resize(options_.identity.shards);
  for (size_t i = 0; i < options_.topology.endpoints.size(); ++i) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->redis = std::make_unique<RedisConnection>(
        options_.topology.endpoints[i], options_.timeouts, [this, i](RedisConnection&) { return greet(i); }, on_loss);
    connections_.push_back(std::move(endpoint));
  }
}

Status RedisShards::greet(size_t endpoint) {
  TANDEM_ASSIGN_OR_RETURN(connections_[endpoint]->instance, prepare_redis(*connections_[endpoint]->redis));
  return adopt(endpoint);
}

Status RedisShards::adopt(size_t endpoint) {
  RedisConnection& redis = *connections_[endpoint]->redis;
  std::vector<uint32_t> shards;
  for (uint32_t shard = 0; shard < options_.identity.shards; ++shard) {
    if (options_.topology.endpoint_of(shard) != endpoint) continue;
    redis.append(open_command(shard, false));
    shards.push_back(shard);
  }
  TANDEM_RETURN_IF_ERROR(redis.flush());
  Status verdict;
  for (uint32_t shard : shards) {
    TANDEM_ASSIGN_OR_RETURN(RedisReply reply, redis.read());
    auto status = opened(shard, *reply);
    if (!status.ok() && verdict.ok()) verdict = status.error();
  }
  return verdict;
}

RedisCommand RedisShards::open_command(uint32_t shard, bool create) const {
  const RedisKeys& keys = keys_[shard];
  RedisCommand command = call_function("tandem_v1_open", std::array{keys.meta, keys.outbox, keys.lease});
  command.add(options_.identity.installation).add(options_.identity.shards).add(instance(shard));
  return command.add(seen_[shard] ? std::to_string(*seen_[shard]) : "").add(create ? "1" : "0");
}

// Absent: the shard has not been opened yet.
Result<std::optional<ShardStatus>> RedisShards::opened(uint32_t shard, const redisReply& reply) {
  auto parts = elements_of(reply);
  const RedisEndpoint& endpoint = options_.topology.endpoints[options_.topology.endpoint_of(shard)];
  if (reply.type == REDIS_REPLY_ERROR) return redis_unavailable(endpoint, std::string(text_of(reply)));
  if (parts.empty()) return unexpected_reply(reply);
  std::string_view word = text_of(*parts[0]);
  if (word == "none") return std::optional<ShardStatus>();
  if (word == "gone") return data_gone(options_.identity, endpoint.name());
  if (parts.size() < 2) return unexpected_reply(reply);
  if (word == "open") {
    TANDEM_ASSIGN_OR_RETURN(ShardStatus status, parse_status(*parts[1]));
    seen(shard, status.last_number);
    return std::optional(status);
  }
  if (word == "installation") return other_installation(options_.identity, std::string(text_of(*parts[1])));
  if (word == "shards") return other_shards(options_.identity, number_of(*parts[1]).value_or(0));
  if (parts.size() < 3) return unexpected_reply(reply);
  return data_behind(options_.identity, endpoint.name(), number_of(*parts[1]).value_or(0),
                     number_of(*parts[2]).value_or(0));
}

Result<ShardStatus> RedisShards::open(uint32_t shard) {
  TANDEM_RETURN_IF_ERROR(connection(shard).ready());
  TANDEM_ASSIGN_OR_RETURN(RedisReply reply, call(shard, open_command(shard, true)));
  TANDEM_ASSIGN_OR_RETURN(auto status, opened(shard, *reply));
  if (!status) return unexpected_reply(*reply);
  return *status;
}

void RedisShards::seen(uint32_t shard, uint64_t n) { seen_[shard] = std::max(seen_[shard].value_or(0), n); }

const std::string& RedisShards::instance(uint32_t shard) const {
  return connections_[options_.topology.endpoint_of(shard)]->instance;
}

void RedisShards::connect(std::span<const uint32_t> shards) {
  std::vector<bool> asked(connections_.size());
  for (uint32_t shard : shards) {
    size_t endpoint = options_.topology.endpoint_of(shard);
    if (asked[endpoint]) continue;
    asked[endpoint] = true;
    (void)connections_[endpoint]->redis->ready();  // said again, for each item, by what follows
  }
}

std::vector<RedisAnswer> RedisShards::execute(Commands commands) {
  std::vector<RedisAnswer> answers(commands.size());
  const auto items = send(commands, false, answers);
  for (size_t endpoint = 0; endpoint < items.size(); ++endpoint) receive(endpoint, items[endpoint], answers);
  return answers;
}

std::vector<RedisAnswer> RedisShards::execute_in_one_turn(Commands commands) {
  if (commands.size() == 1) return execute(commands);
  std::vector<RedisAnswer> answers(commands.size());
  const auto items = send(commands, true, answers);
  for (size_t endpoint = 0; endpoint < items.size(); ++endpoint) receive_one_turn(endpoint, items[endpoint], answers);
  return answers;
}

std::vector<std::vector<size_t>> RedisShards::send(Commands commands, bool one_turn, std::span<RedisAnswer> answers) {
  std::vector<std::vector<size_t>> items(connections_.size());
  for (size_t i = 0; i < commands.size(); ++i) items[options_.topology.endpoint_of(commands[i].first)].push_back(i);
  for (size_t endpoint = 0; endpoint < items.size(); ++endpoint) {
    if (items[endpoint].empty()) continue;
    RedisConnection& redis = *connections_[endpoint]->redis;
    Status ready = redis.ready();
    if (ready.ok()) {
      if (one_turn) redis.append(RedisCommand("MULTI"));
      for (size_t i : items[endpoint]) redis.append(commands[i].second);
      if (one_turn) redis.append(RedisCommand("EXEC"));
      Status sent = redis.flush();
      for (size_t i : items[endpoint]) answers[i].kind = RedisAnswer::Kind::kLost;
      if (sent.ok()) continue;
      ready = sent;
    }
    for (size_t i : items[endpoint]) answers[i].error = ready.error();
    items[endpoint].clear();
  }
  return items;
}

void RedisShards::receive(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers) {
  RedisConnection& redis = *connections_[endpoint]->redis;
  bool usable = true;
  for (size_t at = 0; at < items.size(); ++at) {
    Result<RedisReply> reply = redis.read();
    if (!reply.ok()) {
      for (size_t i : items.subspan(at)) answers[i].error = reply.error();
      return;
    }
    usable = take(endpoint, std::move(reply).value(), answers[items[at]]) && usable;
  }
  if (!usable) redis.drop();
}

// MULTI answers OK, each command QUEUED, EXEC all of their replies. A Redis that takes no MULTI now (it is loading,
// say) refuses the commands as well, or has carried them out one by one: then their replies are their own.
void RedisShards::receive_one_turn(size_t endpoint, std::span<const size_t> items, std::span<RedisAnswer> answers) {
  if (items.empty()) return;
  RedisConnection& redis = *connections_[endpoint]->redis;
  std::vector<size_t> queued;
  bool usable = true;
  const auto lost = [&](const Error& error) {
    for (size_t i : items) {
      if (answers[i].kind == RedisAnswer::Kind::kLost) answers[i].error = error;
    }
  };
  Result<RedisReply> begun = redis.read();
  if (!begun.ok()) return lost(begun.error());
  for (size_t i : items) {
    Result<RedisReply> reply = redis.read();
    if (!reply.ok()) return lost(reply.error());
    if ((*reply)->type == REDIS_REPLY_STATUS && text_of(**reply) == "QUEUED") {
      queued.push_back(i);
    } else {
      usable = take(endpoint, std::move(reply).value(), answers[i]) && usable;
    }
  }
  Result<RedisReply> done = redis.read();
  if (!done.ok()) return lost(done.error());
  const auto replies = elements_of(**done);
  for (size_t at = 0; at < queued.size(); ++at) {
    if (replies.size() == queued.size()) {
      usable = take(endpoint, take_element(**done, at), answers[queued[at]]) && usable;
    } else {  // EXECABORT and its like: nothing was done
      answers[queued[at]].kind = RedisAnswer::Kind::kNotDone;
      answers[queued[at]].error = redis_unavailable(redis.endpoint(), std::string(text_of(**done)));
      usable = false;
    }
  }
  if (!usable) redis.drop();
}

bool RedisShards::take(size_t endpoint, RedisReply reply, RedisAnswer& answer) {
  answer.reply = std::move(reply);
  answer.kind = RedisAnswer::Kind::kReply;
  if (answer.reply->type != REDIS_REPLY_ERROR) return true;
  const RedisEndpoint& where = options_.topology.endpoints[endpoint];
  std::string text(text_of(*answer.reply));
  if (not_done(text)) {
    answer.kind = RedisAnswer::Kind::kNotDone;
    answer.error = redis_unavailable(where, text);
    return false;  // emptied, demoted, loading: whatever it is, the next connection finds out
  }
  answer.kind = RedisAnswer::Kind::kLost;
  answer.error = make_error(Code::kInternal, "Redis at " + where.name() + ": " + text);
  return true;
}

Result<std::vector<RedisReply>> RedisShards::read(Commands commands) {
  std::vector<RedisReply> replies;
  for (RedisAnswer& answer : execute(commands)) {
    if (answer.kind != RedisAnswer::Kind::kReply) return std::move(answer.error);
    replies.push_back(std::move(answer.reply));
  }
  return replies;
}

Result<RedisReply> RedisShards::call(uint32_t shard, RedisCommand command) {
  std::pair<uint32_t, RedisCommand> one(shard, std::move(command));
  TANDEM_ASSIGN_OR_RETURN(auto replies, read(std::span(&one, 1)));
  return std::move(replies[0]);
}

}  // namespace tandem::store
