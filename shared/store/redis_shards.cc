#include "shared/store/redis_shards.h"

#include <array>
#include <string_view>

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

RedisShards::RedisShards(RedisOptions options, RedisConnection::OnLoss on_loss) : options_(std::move(options)) {
  for (uint32_t shard = 0; shard < options_.identity.shards; ++shard) {
    keys_.emplace_back(options_.prefix, options_.identity.service, shard);
  }
  for (size_t i = 0; i < options_.topology.endpoints.size(); ++i) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->redis = std::make_unique<RedisConnection>(
        options_.topology.endpoints[i], options_.timeouts, [this, i](RedisConnection&) { return greet(i); }, on_loss);
    connections_.push_back(std::move(endpoint));
  }
}

Status RedisShards::greet(size_t endpoint) {
  TANDEM_ASSIGN_OR_RETURN(connections_[endpoint]->instance, prepare_redis(*connections_[endpoint]->redis));
  return {};
}

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
