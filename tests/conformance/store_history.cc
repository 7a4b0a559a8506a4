#include "tests/conformance/store_history.h"

namespace tandem::testing {

StoreHistory::StoreHistory(uint64_t seed, uint32_t shards, Store& known, ManualClock& clock)
    : chance_(seed), shards_(shards), known_(known), clock_(clock) {
  for (uint32_t i = 0; i < shards * 3; ++i) {
    aggregates_.push_back({i % shards, {i % 2 == 0 ? "lead" : "deal", "id/" + std::to_string(i)}});
    requests_.push_back({i % shards, "request-" + std::to_string(i)});
  }
  indexes_ = {"lead", "lead:status=NEW", "deal"};
  // Few, so that many entries have the same.
  orders_ = {"", "a", "ab", "2026-10-05T10:00:00Z", "Müller"};
  sources_ = {{"marketing", 0}, {"marketing", 11}, {"sales", 0}};
}

std::string StoreHistory::bytes(size_t longest) {
  std::string text(below(longest + 1), '\0');
  for (char& c : text) c = static_cast<char>(below(256));
  return text;
}

Instant StoreHistory::instant() {
  // Around now, and now and then far away: before 1970, and after what a double can hold in microseconds.
  uint64_t kind = below(20);
  if (kind == 0) return Instant{} - std::chrono::microseconds(below(1'000'000'000));
  if (kind == 1) return from_micros(200'000'000'000'000'000 + static_cast<int64_t>(below(1000)));
  return clock_.now() + std::chrono::microseconds(below(2'000'000)) - std::chrono::seconds(1);
}

IndexChange StoreHistory::index_change(const std::string& id) {
  std::string order = orders_[below(orders_.size())];
  return {indexes_[below(indexes_.size())], order, id, below(3) != 0};
}

uint64_t StoreHistory::generation(uint32_t shard) {
  if (below(10) == 0) return below(3);
  return known_.load({.aggregates = {}, .requests = {}, .shards = {shard}})->generations[0];
}

FoldedEvents StoreHistory::folded(uint32_t shard, uint64_t from) {
  FoldedEvents events;
  events.from = from;
  events.to = from + 1;
  for (const auto& [of, ref] : aggregates_) {
    if (of != shard || below(3) != 0) continue;
    events.aggregates.push_back({ref, {fresh_token(chance_), bytes(200)}});
    for (uint64_t i = below(4); i > 0; --i) events.indexes.push_back(index_change(ref.id));
    for (uint64_t i = below(3); i > 0; --i) {
      TimerChange timer{{ref, "timer-" + std::to_string(below(2))}, std::nullopt};
      if (below(3) != 0) timer.due = instant();
      events.timers.push_back(timer);
    }
  }
  for (const Source& source : sources_) {
    if (below(2) == 0) events.marks.emplace_back(source, MarkValue{below(100), below(3)});
  }
  for (const RequestKey& request : requests_) {
    if (request.shard != shard || below(4) != 0) continue;
    const auto lives = std::chrono::hours(1) - std::chrono::hours(below(3));
    events.requests.push_back({request.request_id, {"print:" + bytes(5), bytes(40), from + 1}, clock_.now() + lives});
  }
  return events;
}

std::vector<Place> StoreHistory::places() {
  std::vector<Place> places;
  for (const Source& source : sources_) {
    if (below(2) == 0) places.push_back({source, below(UINT64_MAX), below(3), below(1000)});
  }
  return places;
}

std::string StoreHistory::version_of(const Expected& expected, uint32_t shard, const AggregateRef& ref) {
  if (auto found = expected.versions.find(ref); found != expected.versions.end()) return found->second;
  return known_.load({.aggregates = {{shard, ref}}, .requests = {}, .shards = {}}).value().aggregates[0].version;
}

MarkValue StoreHistory::mark_of(const Expected& expected, uint32_t shard, const Source& source) {
  if (auto found = expected.marks.find({shard, source}); found != expected.marks.end()) return found->second;
  for (const auto& [known, mark] : known_.marks(shard).value()) {
    if (known == source) return mark;
  }
  return {};
}

Commit StoreHistory::commit(Expected& expected) {
  const auto& [shard, ref] = aggregates_[below(aggregates_.size())];
  Commit commit;
  commit.shard = shard;
  commit.generation = generation(shard);
  commit.aggregate = ref;
  commit.expected_version = version_of(expected, shard, ref);
  if (below(10) == 0) commit.expected_version = below(2) == 0 ? "" : fresh_token(chance_);
  if (uint64_t cause = below(3); cause == 0) {
    commit.request_id = requests_[below(requests_.size())].request_id;
    commit.fingerprint = "print:" + std::to_string(below(3));
    commit.reply = bytes(40);
  } else if (cause == 1) {
    const Source& source = sources_[below(sources_.size())];
    MarkValue mark = mark_of(expected, shard, source);
    commit.mark = {source, mark, below(2) == 0 ? MarkValue{mark.n, mark.k + 1} : MarkValue{mark.n + 1, 0}};
    if (below(10) == 0) commit.mark->expected.k += 1 + below(2);
    expected.marks[{shard, source}] = commit.mark->to;
  }
  if (below(4) != 0) {
    commit.change = {fresh_token(chance_), bytes(200), "r" + bytes(100), {}};
    for (uint64_t i = below(4); i > 0; --i) commit.change->indexes.push_back(index_change(ref.id));
    expected.versions[ref] = commit.change->version;
  }
  for (uint64_t i = below(3); i > 0; --i) {
    TimerChange timer{{ref, "timer-" + std::to_string(below(2))}, std::nullopt};
    if (below(3) != 0) timer.due = instant();
    commit.timers.push_back(timer);
  }
  return commit;
}

std::vector<Commit> StoreHistory::commits() {
  Expected expected;
  std::vector<Commit> batch;
  for (uint64_t i = below(6) + 1; i > 0; --i) batch.push_back(commit(expected));
  if (below(5) == 0) batch.push_back(batch[below(batch.size())]);  // sent twice
  return batch;
}

}  // namespace tandem::testing
