#include "shared/aggregate/engine.h"

#include <utility>

#include "shared/aggregate/batch.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"

namespace tandem {

Engine::Engine(const Registry& registry, Store& store, Clock& clock, Chance& chance, EngineOptions options)
    : registry_(registry), store_(store), clock_(clock), chance_(chance), options_(std::move(options)) {}

std::vector<Outcome> Engine::execute(std::span<const Command> batch) {
  if (batch.empty()) return {};
  return Batch(*this, batch).run();
}

void Engine::forget_marks(const Source& source) {
  std::erase_if(marks_, [&](const auto& entry) { return entry.first.second == source; });
}

Result<std::vector<uint64_t>> Engine::look_at_generations() {
  LoadBatch wanted;
  wanted.shards = all_shards(options_.shards);
  TANDEM_ASSIGN_OR_RETURN(Loaded loaded, store_.load(wanted));
  for (uint32_t shard : wanted.shards) know_generation(shard, loaded.generations[shard]);
  return std::move(loaded.generations);
}

bool Engine::know_generation(uint32_t shard, uint64_t generation) {
  if (generation == 0) return true;  // it is being healed: the next generation will tell
  uint64_t& known = generations_[shard];
  if (known != 0 && known != generation) healed_.insert(shard);
  known = generation;
  return !healed_.contains(shard);
}

bool Engine::take_healed() {
  if (healed_.empty()) return false;
  healed_.clear();
  marks_.clear();
  return true;
}

Command Engine::timer_command(const DueTimer& due) {
  Command command;
  command.target = due.timer.aggregate;
  command.cause.mutable_timer()->set_name(due.timer.name);
  *command.cause.mutable_timer()->mutable_due() = to_timestamp(due.due);
  return command;
}

uint32_t Engine::shard_of(const AggregateRef& ref) const { return tandem::shard_of(ref.type, ref.id, options_.shards); }

}  // namespace tandem
