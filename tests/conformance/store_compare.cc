#include "tests/conformance/store_compare.h"

#include <numeric>

namespace tandem::testing {
namespace {

IndexQuery query(StoreHistory& history, uint32_t shard, const std::string& index) {
  IndexQuery query{shard, index, "", "", history.below(2) == 0, static_cast<uint32_t>(history.below(5))};
  if (history.below(3) != 0) {
    IndexChange at = history.index_change(history.aggregates()[history.below(history.aggregates().size())].second.id);
    query.after_order = at.order;
    query.after_id = at.id;
  }
  return query;
}

void expect_same_indexes(Store& a, Store& b, StoreHistory& history, std::span<const uint32_t> shards) {
  std::vector<IndexQuery> queries;
  for (uint32_t shard : shards) {
    for (const auto& index : history.indexes()) {
      queries.push_back({shard, index, "", "", false, 1000});
      queries.push_back(query(history, shard, index));
    }
  }
  expect_same(a.pages(queries), b.pages(queries), "pages");
  for (const auto& index : history.indexes()) expect_same(a.counts(index, shards), b.counts(index, shards), "counts");
}

}  // namespace

void expect_same(const Status& a, const Status& b, const char* what) {
  ASSERT_EQ(a.ok(), b.ok()) << what;
  if (!a.ok()) {
    EXPECT_EQ(a.error(), b.error()) << what;
  }
}

void expect_same(const Result<Loaded>& a, const Result<Loaded>& b) {
  ASSERT_TRUE(a.ok() && b.ok()) << "load";
  EXPECT_EQ(a->aggregates, b->aggregates);
  EXPECT_EQ(a->requests, b->requests);
  EXPECT_EQ(a->generations, b->generations);
}

void expect_same(const Result<OutboxRead>& a, const Result<OutboxRead>& b) {
  ASSERT_TRUE(a.ok() && b.ok()) << "read";
  EXPECT_EQ(a->leased, b->leased);
  EXPECT_EQ(a->generation, b->generation);
  EXPECT_EQ(a->entries, b->entries);
}

void expect_same(const std::vector<CommitOutcome>& a, const std::vector<CommitOutcome>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].status, b[i].status) << "commit " << i << " " << a[i].detail << b[i].detail;
    EXPECT_EQ(a[i].n, b[i].n) << "commit " << i;
    EXPECT_EQ(a[i].mark, b[i].mark) << "commit " << i;
    EXPECT_EQ(a[i].reply, b[i].reply) << "commit " << i;
  }
}

void expect_same_data(StoreHandles a, StoreHandles b, StoreHistory& history, uint32_t shard_count) {
  const std::vector<uint32_t> shards = all_shards(shard_count);
  LoadBatch all{history.aggregates(), {}, shards};
  for (const auto& request : history.requests()) {
    for (uint32_t shard : shards) all.requests.push_back({shard, request.request_id});
  }
  expect_same(a.store.load(all), b.store.load(all));
  for (uint32_t shard : shards) {
    expect_same(a.store.marks(shard), b.store.marks(shard), "marks");
    expect_same(a.store.places(shard), b.store.places(shard), "places");
    expect_same(a.outbox.status(shard), b.outbox.status(shard), "status");
  }
  expect_same_indexes(a.store, b.store, history, shards);
  Instant end = from_micros(INT64_MAX / 2);
  expect_same(a.store.due_timers(shards, end, 1000), b.store.due_timers(shards, end, 1000), "timers");
  Instant due = history.instant();
  auto limit = static_cast<uint32_t>(history.below(4));
  expect_same(a.store.due_timers(shards, due, limit), b.store.due_timers(shards, due, limit), "due timers");
}

}  // namespace tandem::testing
