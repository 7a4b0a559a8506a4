// A service's shards are reconciled with their logs: before it starts, and whenever Redis has come back.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/runtime/logging.h"
#include "shared/runtime/service.h"

namespace tandem::runtime {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{100};    // of a step, for the log
constexpr milliseconds kPause{5};     // while another process heals
constexpr milliseconds kLook{1'000};  // at the longest
constexpr milliseconds kShow{1'000};
constexpr milliseconds kSay{10'000};

}  // namespace

heal::HealingListener Service::healing_listener() {
  heal::HealingListener listener;
  listener.on_healed = [](uint32_t shard, uint64_t generation, uint64_t folded) {
    log(folded > 0 ? Level::kWarning : Level::kInfo, "healed",
        {{"shard", std::to_string(shard)},
         {"generation", std::to_string(generation)},
         {"events", std::to_string(folded)}});
  };
  listener.on_trouble = [](const Error& error) { log(Level::kError, "healing", {{"error", to_line(error)}}); };
  return listener;
}

Status Service::reconcile() {
  using std::chrono::steady_clock;
  const auto begin = steady_clock::now();
  auto deadline = begin + options_.start_patience;
  auto next_show = begin;
  auto next_word = next_show + kSay;
  uint64_t progress = 0;
  while (!healing_.all_reconciled()) {
    const bool moved = healing_.step(kWait);
    if (const auto now = steady_clock::now(); now >= next_show) {
      next_show = now + kShow;
      show_healing();
    }
    const heal::HealingState state = healing_.state();
    if (!state.refused.empty()) return state.refused.begin()->second;
    // Another installation's data: waiting does not mend that.
    if (state.last_error && state.last_error->code != Code::kUnavailable) return *state.last_error;
    // Another process that heals gives up where it gets no further, and then it is this one's turn.
    if (state.read + state.folded > progress || !state.healed_elsewhere.empty()) {
      progress = state.read + state.folded;
      const auto now = steady_clock::now();
      deadline = now + options_.start_patience;
      if (now >= next_word) {
        next_word = now + kSay;
        log(Level::kWarning, kHealingMoves,
            {{"seconds", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - begin).count())},
             {"records", std::to_string(state.read)},
             {"events", std::to_string(state.folded)},
             {"shards_elsewhere", std::to_string(state.healed_elsewhere.size())}});
      }
    }
    if (steady_clock::now() >= deadline) {
      if (state.last_error) return *state.last_error;
      return make_error(Code::kUnavailable, "shards of " + definition_.name,
                        "are not reconciled with their log, and nobody gets on",
                        "see whether Redis and Kafka are well, and start it again");
    }
    if (!moved) std::this_thread::sleep_for(kPause);
  }
  show_healing();
  return {};
}

// The worker has to have been told of every shard before a place is read (worker.h), and of a Redis that has just come
// up anew there is nothing to be told.
Status Service::learn_generations() {
  const auto deadline = std::chrono::steady_clock::now() + options_.start_patience;
  for (;;) {
    TANDEM_RETURN_IF_ERROR(reconcile());
    TANDEM_ASSIGN_OR_RETURN(const std::vector<uint64_t> generations, engine_.look_at_generations());
    const auto unknown = std::find(generations.begin(), generations.end(), 0);
    if (unknown == generations.end()) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      return not_serving(static_cast<uint32_t>(unknown - generations.begin()));
    }
    healing_.step(kWait);  // it has not seen it yet
    std::this_thread::sleep_for(kPause);
  }
}

void Service::keep_reconciled() {
  for (;;) {
    if (!healing_.step(kWait)) {
      const auto until = std::chrono::ceil<milliseconds>(healing_.next_step() - ports_.clock.tick());
      std::unique_lock lock(ending_mutex_);
      if (ending_.wait_for(lock, std::clamp(until, kPause, kLook), [this] { return healing_ends_; })) return;
    }
    std::lock_guard lock(ending_mutex_);
    if (healing_ends_) return;
  }
}

}  // namespace tandem::runtime
