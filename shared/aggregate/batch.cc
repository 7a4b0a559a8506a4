#include "shared/aggregate/batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/teeth.h"

namespace tandem {
namespace {

std::chrono::microseconds since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

Batch::Batch(Engine& engine, std::span<const Command> commands) : engine_(engine), now_(engine.clock_.now()) {
  items_.reserve(commands.size());
  for (const Command& command : commands) {
    Item item;
    item.command = &command;
    item.shard = engine.shard_of(command.target);
    items_.push_back(std::move(item));
  }
}

std::optional<Source> Batch::source_of(const Command& command) {
  if (!command.cause.has_event()) return std::nullopt;
  const exchange::v1::Mark& mark = command.cause.event().mark();
  return Source{mark.service(), mark.partition()};
}

MarkValue Batch::mark_of(const Command& command) {
  const exchange::v1::Mark& mark = command.cause.event().mark();
  return {mark.number(), mark.k()};
}

std::vector<Outcome> Batch::run() {
  report_.commands = items_.size();
  const auto open = [](const Item& item) { return !item.done; };
  for (int attempt = 0; attempt < engine_.options_.attempts && std::any_of(items_.begin(), items_.end(), open);
       attempt++) {
    auto start = std::chrono::steady_clock::now();
    Status loaded = load();
    report_.load += since(start);
    if (!loaded.ok()) {
      for (Item& item : items_) {
        if (!item.done) fail(item, loaded.error());
      }
      break;
    }
    start = std::chrono::steady_clock::now();
    for (Item& item : items_) {
      if (!item.done) decide(item);
    }
    report_.decide += since(start);
    start = std::chrono::steady_clock::now();
    commit();
    report_.commit += since(start);
  }
  std::vector<Outcome> outcomes;
  outcomes.reserve(items_.size());
  for (Item& item : items_) {
    if (!item.done) {
      Error error = make_error(Code::kAborted, item.command->target.type + " " + item.command->target.id +
                                                   " is changed by others all the time; send it again");
      error.retry_after = std::chrono::milliseconds(50);
      fail(item, std::move(error));
    }
    outcomes.push_back(std::move(item.outcome));
  }
  engine_.observer_(report_);
  return outcomes;
}

void Batch::finish(Item& item, Outcome outcome) {
  item.done = true;
  item.planned.reset();
  item.outcome = std::move(outcome);
}

void Batch::fail(Item& item, Error error) {
  if (auto source = source_of(*item.command)) stopped_.insert({item.shard, *source});
  Outcome outcome;
  outcome.error = std::move(error);
  finish(item, std::move(outcome));
}

Outcome Batch::remembered(const Command& command, const Reply& reply, uint64_t generation) {
  Outcome outcome;
  outcome.generation = generation;
  if (reply.fingerprint != command.cause.request().fingerprint()) {
    outcome.error = invalid("request_id", "was used for another request", "use a new request id for another content");
    return outcome;
  }
  outcome.kind = Outcome::Kind::kDuplicate;
  outcome.result.ParseFromString(reply.bytes);
  outcome.result.set_repeated(true);
  if (reply.n > 0) outcome.result.mutable_position()->set_number(reply.n);
  return outcome;
}

void Batch::commit() {
  std::vector<Commit> commits;
  std::vector<Item*> planned;
  for (Item& item : items_) {
    if (item.done || !item.planned) continue;
    commits.push_back(std::move(*item.planned));
    item.planned.reset();
    planned.push_back(&item);
  }
  if (commits.empty()) return;
  report_.commits += commits.size();
  const std::vector<CommitOutcome> outcomes = engine_.store_.commit(commits, now_);
  for (size_t i = 0; i < planned.size(); i++) settle(*planned[i], outcomes[i]);
}

void Batch::settle(Item& item, const CommitOutcome& outcome) {
  using Status = CommitOutcome::Status;
  const auto source = source_of(*item.command);
  const bool answered_before = TANDEM_TOOTH(kX05) && item.command->cause.has_request();
  switch (outcome.status) {
    case Status::kCommitted: {
      if (source) engine_.marks_[{item.shard, *source}] = mark_of(*item.command);
      if (outcome.n > 0) item.if_committed.result.mutable_position()->set_number(outcome.n);
      if (item.if_committed.kind == Outcome::Kind::kParked) report_.parked++;
      return finish(item, std::move(item.if_committed));
    }
    case Status::kDuplicate:
      return finish(item, remembered(*item.command, outcome.reply, generations_.at(item.shard)));
    case Status::kWrongMark: {
      MarkValue& known = engine_.marks_[{item.shard, *source}];
      if (outcome.mark < known) {
        fail(item, make_error(Code::kUnavailable, "the inbox of shard " + std::to_string(item.shard) +
                                                      " went back; its source is read again"));
        item.outcome.rewind = true;
        return;
      }
      known = outcome.mark;
      report_.conflicts++;
      return;  // decided again in the next round
    }
    case Status::kWrongVersion:
    case Status::kWrongGeneration:
      report_.conflicts++;
      return;
    case Status::kUnknown:
      if (answered_before) return finish(item, std::move(item.if_committed));
      item.outcome_unknown = true;
      return;  // settled in the next round by the request id or the mark, if Redis answers
    case Status::kUnavailable: {
      if (answered_before) return finish(item, std::move(item.if_committed));
      std::string why = outcome.detail.empty() ? "the store does not answer" : outcome.detail;
      if (why.ends_with('.')) why.pop_back();  // as Redis' own errors do
      Error error = make_error(Code::kUnavailable, why + "; send it again with the same request id");
      error.retry_after = std::chrono::seconds(1);
      return fail(item, std::move(error));
    }
  }
}

}  // namespace tandem
