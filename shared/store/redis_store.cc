#include "shared/store/redis_store.h"

#include <algorithm>
#include <array>

#include "shared/aggregate/healing.h"
#include "shared/store/commit_call.h"
#include "shared/store/encoding.h"
#include "shared/store/opening.h"
#include "shared/store/outbox_reply.h"

namespace tandem::store {
namespace {

using Commands = std::vector<std::pair<uint32_t, RedisCommand>>;

RedisCommand page_command(const RedisKeys& keys, const IndexQuery& query) {
  bool from_end = query.after_order.empty() && query.after_id.empty();
  std::string after = "(" + index_member(query.after_order, query.after_id);
  RedisCommand command(query.descending ? "ZREVRANGEBYLEX" : "ZRANGEBYLEX");
  command.add(keys.index(query.index));
  if (query.descending) {
    command.add(from_end ? "+" : after).add("-");
  } else {
    command.add(from_end ? "-" : after).add("+");
  }
  return command.add("LIMIT").add("0").add(query.limit);
}

}  // namespace

Result<Loaded> RedisStore::load(const LoadBatch& batch) {
  Commands commands;
  for (const auto& [shard, aggregate] : batch.aggregates) {
    commands.emplace_back(shard, RedisCommand("GET").add(redis_.keys(shard).state(aggregate)));
  }
  for (const auto& request : batch.requests) {
    commands.emplace_back(request.shard,
                          RedisCommand("GET").add(redis_.keys(request.shard).request(request.request_id)));
  }
  for (uint32_t shard : batch.shards) {
    commands.emplace_back(shard, RedisCommand("HMGET").add(redis_.keys(shard).meta).add("generation").add("instance"));
  }
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  Loaded loaded;
  auto reply = replies.begin();
  for (size_t i = 0; i < batch.aggregates.size(); ++i) loaded.aggregates.push_back(parse_stored(text_of(**reply++)));
  for (size_t i = 0; i < batch.requests.size(); ++i, ++reply) {
    if ((*reply)->type == REDIS_REPLY_NIL) {
      loaded.requests.emplace_back();
    } else {
      loaded.requests.push_back(parse_reply(text_of(**reply)));
      if (!loaded.requests.back()) return unexpected_reply(**reply);
    }
  }
  for (uint32_t shard : batch.shards) {
    auto fields = elements_of(**reply);
    if (fields.size() != 2) return unexpected_reply(**reply);
    const bool reconciled = text_of(*fields[1]) == redis_.instance(shard);
    loaded.generations.push_back(reconciled ? number_of(*fields[0]).value_or(0) : 0);
    ++reply;
  }
  return loaded;
}

std::vector<CommitOutcome> RedisStore::commit(std::span<const Commit> batch, Instant now) {
  std::vector<uint32_t> shards;
  for (const auto& item : batch) {
    check_commit(item);
    shards.push_back(item.shard);
  }
  redis_.connect(shards);
  Commands commands;
  for (const auto& item : batch) {
    commands.emplace_back(item.shard, commit_command(redis_.keys(item.shard), item, redis_.instance(item.shard), now));
  }
  auto answers = redis_.execute_in_one_turn(commands);
  std::vector<CommitOutcome> outcomes(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    RedisAnswer& answer = answers[i];
    if (answer.kind == RedisAnswer::Kind::kReply) {
      bool other_instance = false;
      outcomes[i] = parse_commit_reply(*answer.reply, other_instance);
      if (other_instance) {
        outcomes[i].detail = why_not_serving(batch[i].shard);
        redis_.connection(batch[i].shard).drop();
      }
    } else {
      outcomes[i].status = answer.kind == RedisAnswer::Kind::kNotDone ? CommitOutcome::Status::kUnavailable
                                                                      : CommitOutcome::Status::kUnknown;
      outcomes[i].detail = std::move(answer.error.message);
    }
  }
  return outcomes;
}

Result<std::vector<std::pair<Source, MarkValue>>> RedisStore::marks(uint32_t shard) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, RedisCommand("HGETALL").add(redis_.keys(shard).meta)));
  return parse_marks(*reply);
}

Result<std::vector<Place>> RedisStore::places(uint32_t shard) {
  TANDEM_ASSIGN_OR_RETURN(auto reply, redis_.call(shard, RedisCommand("HGETALL").add(redis_.keys(shard).places)));
  auto fields = elements_of(*reply);
  std::vector<Place> places;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    auto place = parse_place(text_of(*fields[i]), text_of(*fields[i + 1]));
    if (!place) return unexpected_reply(*fields[i + 1]);
    places.push_back(*place);
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.source < b.source; });
  return places;
}

Status RedisStore::write_places(std::span<const ShardGeneration> shards, std::span<const Place> places) {
  std::vector<uint32_t> touched;
  for (const ShardGeneration& one : shards) touched.push_back(one.shard);
  redis_.connect(touched);
  Commands commands;
  for (const ShardGeneration& one : shards) {
    const RedisKeys& keys = redis_.keys(one.shard);
    RedisCommand command = call_function("tandem_v2_write_places", std::array{keys.meta, keys.places});
    command.add(one.generation).add(redis_.instance(one.shard));
    for (const auto& place : places) command.add(source_name(place.source)).add(place_text(place));
    commands.emplace_back(one.shard, std::move(command));
  }
  Status verdict;
  const auto answers = redis_.execute_in_one_turn(commands);
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].kind != RedisAnswer::Kind::kReply) return answers[i].error;
    if (number_of(*answers[i].reply) != 1U && verdict.ok()) {
      verdict = wrong_generation(shards[i].shard, shards[i].generation);
    }
  }
  return verdict;
}

Result<std::vector<std::vector<IndexEntry>>> RedisStore::pages(std::span<const IndexQuery> queries) {
  Commands commands;
  for (const auto& query : queries) commands.emplace_back(query.shard, page_command(redis_.keys(query.shard), query));
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<std::vector<IndexEntry>> pages;
  for (const auto& reply : replies) {
    auto& page = pages.emplace_back();
    for (const redisReply* member : elements_of(*reply)) page.push_back(parse_index_member(text_of(*member)));
  }
  return pages;
}

Result<std::vector<uint64_t>> RedisStore::counts(const std::string& index, std::span<const uint32_t> shards) {
  Commands commands;
  for (uint32_t shard : shards)
    commands.emplace_back(shard, RedisCommand("ZCARD").add(redis_.keys(shard).index(index)));
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<uint64_t> counts;
  for (const auto& reply : replies) counts.push_back(number_of(*reply).value_or(0));
  return counts;
}

Result<std::vector<DueTimer>> RedisStore::due_timers(std::span<const uint32_t> shards, Instant now, uint32_t limit) {
  Commands commands;
  for (uint32_t shard : shards) {
    RedisCommand command("ZRANGEBYSCORE");
    command.add(redis_.keys(shard).timers).add("-inf").add(std::to_string(to_micros(now))).add("WITHSCORES");
    commands.emplace_back(shard, std::move(command.add("LIMIT").add("0").add(limit)));
  }
  TANDEM_ASSIGN_OR_RETURN(auto replies, redis_.read(commands));
  std::vector<DueTimer> due;
  for (size_t i = 0; i < replies.size(); ++i) {
    auto fields = elements_of(*replies[i]);
    for (size_t at = 0; at + 1 < fields.size(); at += 2) {
      auto micros = parse_score(text_of(*fields[at + 1]));
      if (!micros) return unexpected_reply(*fields[at + 1]);
      due.push_back({shards[i], parse_timer_member(text_of(*fields[at])), from_micros(*micros)});
    }
  }
  return due;
}

}  // namespace tandem::store
