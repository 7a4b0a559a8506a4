#include "tests/conformance/inspection_compare.h"

#include <vector>

#include "tests/conformance/store_compare.h"

namespace tandem::testing {
namespace {

const std::set<std::string> kTimers = {"timer-0", "timer-1"};

void expect_same_dump(const Result<ShardDump>& a, const Result<ShardDump>& b) {
  ASSERT_TRUE(a.ok() && b.ok()) << "dump";
  EXPECT_EQ(a->reconciled, b->reconciled);
  EXPECT_EQ(a->number_before, b->number_before);
  EXPECT_EQ(a->number_after, b->number_after);
  EXPECT_EQ(a->aggregates, b->aggregates);
  EXPECT_EQ(a->requests, b->requests);
}

}  // namespace

InspectionCompare::InspectionCompare(uint64_t seed, Inspection& a, Inspection& b, const StoreHistory& history,
                                     Clock& clock)
    : a_(a), b_(b), history_(history), clock_(clock), chance_(seed) {}

void InspectionCompare::look_at_all(uint32_t shards) {
  for (uint32_t shard = 0; shard < shards; ++shard) look_at(shard);
}

void InspectionCompare::look_at(uint32_t shard) {
  const auto dump = a_.dump(shard);
  expect_same_dump(dump, b_.dump(shard));
  expect_same(a_.marks(shard), b_.marks(shard), "marks of the inspection");
  const uint64_t after = below(dump->number_after + 2);
  const auto limit = static_cast<uint32_t>(below(6) + 1);
  expect_same(a_.outbox(shard, after, limit), b_.outbox(shard, after, limit), "outbox");
}

void InspectionCompare::mend(uint32_t shard) {
  const AggregateRef ref = aggregate_of(shard);
  const Entries asked = entries();
  const auto found = a_.look(shard, ref, asked, kTimers);
  expect_same(found, b_.look(shard, ref, asked, kTimers), "look at an aggregate");
  const std::vector<Look> looks = {{ref, asked, kTimers}, {aggregate_of(shard), entries(), {}}};
  expect_same(a_.look_all(shard, looks), b_.look_all(shard, looks), "look at aggregates");
  AggregateDump seen = *found;
  if (below(5) == 0) seen.stored.bytes += "and more";  // it has changed meanwhile
  const AggregateDump wanted = right(seen);
  const auto done = a_.mend(shard, ref, seen, wanted);
  expect_same(done, b_.mend(shard, ref, seen, wanted), "mend");
  ++(*done ? mended_ : refused_);
  expect_same(a_.look(shard, ref, asked, kTimers), b_.look(shard, ref, asked, kTimers), "look at what was mended");
  if (!*done) return;
  Entries both = wanted.indexes;
  both.insert(seen.indexes.begin(), seen.indexes.end());
  EXPECT_EQ(*b_.look(shard, ref, both, kTimers), wanted);
}

AggregateRef InspectionCompare::aggregate_of(uint32_t shard) {
  std::vector<AggregateRef> there;
  for (const auto& [of, ref] : history_.aggregates()) {
    if (of == shard) there.push_back(ref);
  }
  return there[below(there.size())];
}

InspectionCompare::Entries InspectionCompare::entries() {
  Entries entries;
  for (const std::string& index : history_.indexes()) {
    for (const std::string& order : history_.orders()) {
      if (below(3) == 0) entries.emplace(index, order);
    }
  }
  return entries;
}

AggregateDump InspectionCompare::right(const AggregateDump& found) {
  AggregateDump right = found;
  if (below(3) != 0) right.stored = {fresh_token(chance_), std::string(below(200), 'm')};
  if (below(6) == 0) right.stored = {};
  right.indexes = entries();
  for (const std::string& name : kTimers) {
    const uint64_t kind = below(3);
    if (kind == 0) right.timers.erase(name);
    if (kind == 1) right.timers[name] = clock_.now() + std::chrono::microseconds(below(2'000'000));
  }
  return right;
}

}  // namespace tandem::testing
