// The load step of a round: states before request ids, references, marks.
#include <utility>

#include "shared/aggregate/batch.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/healing.h"

namespace tandem {

void Batch::collect(LoadBatch& wanted, const AggregateRef& ref) {
  if (!stored_.emplace(ref, Stored{}).second) return;
  const uint32_t shard = engine_.shard_of(ref);
  wanted.aggregates.emplace_back(shard, ref);
  if (generations_.emplace(shard, 0).second) wanted.shards.push_back(shard);
}

void Batch::take(const LoadBatch& wanted, const Loaded& loaded) {
  for (size_t i = 0; i < wanted.aggregates.size(); i++) stored_[wanted.aggregates[i].second] = loaded.aggregates[i];
  for (size_t i = 0; i < wanted.shards.size(); i++) {
    generations_[wanted.shards[i]] = loaded.generations[i];
    if (!engine_.know_generation(wanted.shards[i], loaded.generations[i])) healed_.insert(wanted.shards[i]);
  }
}

// What cannot be decided now: the shard does not serve, or what is known of its marks is of before it was healed.
void Batch::fail_unready() {
  for (Item& item : items_) {
    if (item.done) continue;
    if (generations_.at(item.shard) == 0) {
      fail(item, not_serving(item.shard));
    } else if (healed_.contains(item.shard) && item.command->cause.has_event()) {
      fail(item, make_error(Code::kUnavailable,
                            "shard " + std::to_string(item.shard) + " was healed; its sources are read again"));
    }
  }
}

// By the marks in memory, without asking: so a source that is read again from its beginning costs little. Should the
// shard have lost the mark since, its generation is another one, and no place is noted before that was looked at.
bool Batch::applied_before(Item& item) {
  const auto source = source_of(*item.command);
  if (!source) return false;
  const auto known = engine_.marks_.find({item.shard, *source});
  if (known == engine_.marks_.end() || known->second < mark_of(*item.command)) return false;
  Outcome outcome;
  outcome.kind = Outcome::Kind::kDuplicate;
  finish(item, std::move(outcome));
  return true;
}

Status Batch::load() {
  instances_.clear();
  references_.clear();
  held_.clear();
  stored_.clear();
  generations_.clear();
  healed_.clear();
  LoadBatch wanted;
  std::vector<Item*> asked;
  for (Item& item : items_) {
    if (item.done || applied_before(item)) continue;
    collect(wanted, item.command->target);
    item.reply.reset();
    item.references.clear();
    if (item.command->cause.has_request()) {
      wanted.requests.push_back({item.shard, item.command->cause.request().request_id()});
      asked.push_back(&item);
    }
    const AggregateType* type = engine_.registry_.find(item.command->target.type);
    if (!type || !item.command->message) continue;
    auto rules = type->commands.find(item.command->message->GetDescriptor()->full_name());
    if (rules == type->commands.end() || !rules->second.references) continue;
    for (const AggregateRef& ref : rules->second.references(*item.command->message)) collect(wanted, ref);
  }
  Result<Loaded> loaded = engine_.store_.load(wanted);
  if (!loaded.ok()) return loaded.error();
  take(wanted, *loaded);
  for (size_t i = 0; i < asked.size(); i++) asked[i]->reply = std::move(loaded->requests[i]);
  fail_unready();
  for (Item& item : items_) {
    if (item.done || instances_.count(item.command->target)) continue;
    const AggregateRef& ref = item.command->target;
    Result<Instance> instance = Instance::parse(engine_.registry_.find(ref.type), ref, stored_[ref]);
    if (!instance.ok()) {
      fail(item, instance.error());
      continue;
    }
    instances_.emplace(ref, std::move(*instance));
  }
  TANDEM_RETURN_IF_ERROR(load_references());
  return load_marks();
}

// References that depend on the state, and on what a timer or a parked command turns out to be: a second pipeline, only
// if there are any.
Status Batch::load_references() {
  LoadBatch wanted;
  for (Item& item : items_) {
    if (item.done) continue;
    const Instance& instance = instances_.at(item.command->target);
    const exchange::v1::ParkedCommand* parked =
        item.command->unpark && !instance.parked().empty() ? &instance.parked().Get(0) : nullptr;
    const auto message = message_of(item, instance, parked);
    if (!message || !instance.type()) continue;
    auto rules = instance.type()->commands.find(message->GetDescriptor()->full_name());
    if (rules == instance.type()->commands.end()) continue;
    if (rules->second.references && !item.command->message) {
      for (const AggregateRef& ref : rules->second.references(*message)) collect(wanted, ref);
    }
    if (rules->second.state_references) {
      for (const AggregateRef& ref : rules->second.state_references(instance.state(), *message)) collect(wanted, ref);
    }
  }
  if (wanted.aggregates.empty()) return {};
  Result<Loaded> loaded = engine_.store_.load(wanted);
  if (!loaded.ok()) return loaded.error();
  take(wanted, *loaded);
  return {};
}

Status Batch::load_marks() {
  marks_.clear();
  for (Item& item : items_) {
    const auto source = source_of(*item.command);
    if (item.done || !source) continue;
    const MarkKey key{item.shard, *source};
    auto known = engine_.marks_.find(key);
    if (known == engine_.marks_.end()) {
      auto all = engine_.store_.marks(item.shard);
      if (!all.ok()) return all.error();
      for (const auto& [of, value] : *all) engine_.marks_.emplace(MarkKey{item.shard, of}, value);
      known = engine_.marks_.emplace(key, MarkValue{}).first;
    }
    marks_[key] = known->second;
  }
  return {};
}

}  // namespace tandem
