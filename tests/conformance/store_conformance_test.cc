// One and the same random history drives the in-memory store and a real Redis: every call must return the same, and
// after every step everything that can be read must be the same. Between the steps both are looked at, and mended, as
// a rebuild does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/store/memory_healing.h"
#include "shared/store/memory_inspection.h"
#include "shared/store/memory_store.h"
#include "shared/store/redis_healing.h"
#include "shared/store/redis_inspection.h"
#include "shared/store/redis_outbox.h"
#include "shared/store/redis_store.h"
#include "shared/store/store_testing.h"
#include "tests/conformance/inspection_compare.h"
#include "tests/conformance/store_compare.h"
#include "tests/support/redis_server.h"

namespace tandem::testing {
namespace {

using std::chrono::hours;

constexpr uint32_t kShards = 3;
constexpr int kSteps = 480;
constexpr int kStepsBetweenInspections = 8;
// Longer than any test, since Redis expires by the real time and the twin by a clock that stands still.
constexpr hours kLease{1};

struct Case {
  uint64_t seed;
  size_t endpoints;
};

void PrintTo(const Case& c, std::ostream* out) { *out << "seed " << c.seed << ", endpoints " << c.endpoints; }

class StoreConformanceTest : public ::testing::TestWithParam<Case> {
 protected:
  StoreConformanceTest() {
    store::RedisOptions options;
    options.identity = identity_;
    options.prefix = "conformance-";
    options.topology.endpoints.clear();
    for (size_t i = 0; i < GetParam().endpoints; ++i) {
      servers_.push_back(std::make_unique<RedisServer>());
      options.topology.endpoints.push_back({.host = servers_[i]->host(), .port = servers_[i]->port()});
    }
    redis_store_ = std::make_unique<store::RedisStore>(options);
    redis_outbox_ = std::make_unique<store::RedisOutbox>(options);
    redis_healing_ = std::make_unique<store::RedisHealing>(options);
    redis_inspection_ = std::make_unique<store::RedisInspection>(options);
    inspections_ = std::make_unique<InspectionCompare>(GetParam().seed + 2000, memory_inspection_, *redis_inspection_,
                                                       history_, clock_);
  }

  StoreHandles twin() { return {memory_store_, memory_outbox_}; }
  StoreHandles redis() { return {*redis_store_, *redis_outbox_}; }

  void step();
  void commit();
  void lease();
  void read();
  void trim();
  void crash();
  void restart();
  void reconcile();
  void commit(const std::vector<Commit>& batch);
  void heal(uint32_t shard);
  void fold(uint32_t shard, const std::string& token, uint64_t from);
  void inspect(uint32_t shard);

  store::StoreIdentity identity_{.installation = "conformance", .service = "sales", .shards = kShards};
  ManualClock clock_{from_micros(1'790'000'000'123'456)};
  store::MemoryWorld world_{clock_, identity_};
  store::MemoryStore memory_store_{world_};
  store::MemoryOutbox memory_outbox_{world_};
  store::MemoryHealing memory_healing_{world_};
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::unique_ptr<store::RedisStore> redis_store_;
  std::unique_ptr<store::RedisOutbox> redis_outbox_;
  std::unique_ptr<store::RedisHealing> redis_healing_;
  store::MemoryInspection memory_inspection_{world_};
  std::unique_ptr<store::RedisInspection> redis_inspection_;
  std::unique_ptr<InspectionCompare> inspections_;
  std::set<CommitOutcome::Status> seen_;
  std::set<Claim::Verdict> verdicts_;
  SeededChance chance_{GetParam().seed + 1000};
  StoreHistory history_{GetParam().seed, kShards, memory_store_, clock_};
};

void StoreConformanceTest::step() {
  uint64_t kind = history_.below(100);
  if (kind < 55) return commit();
  if (kind < 65) return lease();
  if (kind < 80) return read();
  if (kind < 90) return trim();
  uint32_t shard = history_.shard();
  if (kind < 95) {
    const uint32_t other = history_.shard();
    const std::vector<ShardGeneration> shards = {{shard, history_.generation(shard)},
                                                 {other, history_.generation(other)}};
    auto places = history_.places();
    return expect_same(memory_store_.write_places(shards, places), redis_store_->write_places(shards, places),
                       "write_places");
  }
  if (kind < 96) return expect_same(memory_outbox_.open(shard), redis_outbox_->open(shard), "open");
  if (kind < 98) return heal(shard);
  crash();
}

void StoreConformanceTest::commit() {
  clock_.advance(std::chrono::microseconds(history_.below(1'000'000)));
  commit(history_.commits());
}

void StoreConformanceTest::commit(const std::vector<Commit>& batch) {
  auto outcomes = memory_store_.commit(batch, clock_.now());
  expect_same(outcomes, redis_store_->commit(batch, clock_.now()));
  for (const auto& outcome : outcomes) seen_.insert(outcome.status);
}

void StoreConformanceTest::lease() {
  uint32_t shard = history_.shard();
  std::string token = history_.token();
  if (history_.below(4) == 0) {
    return expect_same(memory_outbox_.release(shard, token), redis_outbox_->release(shard, token), "release");
  }
  expect_same(memory_outbox_.lease(shard, token, kLease), redis_outbox_->lease(shard, token, kLease), "lease");
}

void StoreConformanceTest::read() {
  uint32_t shard = history_.shard();
  std::string token = history_.token();
  uint64_t after = history_.below(memory_outbox_.status(shard)->last_number + 2);
  auto limit = static_cast<uint32_t>(history_.below(6) + 1);
  expect_same(memory_outbox_.read(shard, token, after, limit), redis_outbox_->read(shard, token, after, limit));
  std::vector<std::pair<uint32_t, uint64_t>> from = {{shard, after}, {(shard + 1) % kShards, 0}};
  std::chrono::milliseconds at_once(0);
  auto ready = redis_outbox_->wait(from, at_once);
  ASSERT_TRUE(ready.ok()) << to_line(ready.error());
  EXPECT_THAT(*ready, ::testing::UnorderedElementsAreArray(memory_outbox_.wait(from, at_once).value()));
}

void StoreConformanceTest::trim() {
  uint32_t shard = history_.shard();
  std::string token = history_.token();
  uint64_t generation = history_.generation(shard);
  uint64_t n = history_.below(memory_outbox_.status(shard)->last_number + 2);
  uint64_t offset = n + history_.below(10);
  expect_same(memory_outbox_.trim(shard, token, generation, n, offset),
              redis_outbox_->trim(shard, token, generation, n, offset), "trim");
}

// All that Redis has acknowledged comes back, and none of it serves before it is reconciled: which here is done at
// once, or after some steps.
void StoreConformanceTest::crash() {
  restart();
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    if (history_.below(3) != 0) heal(shard);
  }
}

void StoreConformanceTest::restart() {
  for (auto& server : servers_) server->restart();
  world_.restart();
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    for (int attempts = 0; !redis_outbox_->status(shard).ok(); ++attempts) ASSERT_LT(attempts, 100);
    for (int attempts = 0; !memory_outbox_.status(shard).ok(); ++attempts) ASSERT_LT(attempts, 2);
    std::vector<std::pair<uint32_t, uint64_t>> from = {{shard, 0}};
    ASSERT_TRUE(redis_outbox_->wait(from, std::chrono::milliseconds(0)).ok());
    const std::vector<uint32_t> one = {shard};
    for (int attempts = 0; !redis_healing_->look(one).ok(); ++attempts) ASSERT_LT(attempts, 100);
    for (int attempts = 0; !memory_healing_.look(one).ok(); ++attempts) ASSERT_LT(attempts, 2);
    for (int attempts = 0; !redis_inspection_->marks(shard).ok(); ++attempts) ASSERT_LT(attempts, 100);
  }
}

// Claimed by one, and maybe by another; folded, finished or abandoned, rightly or not.
void StoreConformanceTest::heal(uint32_t shard) {
  const std::string token = history_.healer();
  const auto claimed = memory_healing_.claim(shard, token, kLease);
  expect_same(claimed, redis_healing_->claim(shard, token, kLease), "claim");
  verdicts_.insert(claimed->verdict);
  const std::vector<uint32_t> all = {0, 1, 2};
  expect_same(memory_healing_.look(all), redis_healing_->look(all), "look");
  if (history_.below(3) == 0) {
    const std::string rival = history_.healer();
    const auto second = memory_healing_.claim(shard, rival, kLease);
    expect_same(second, redis_healing_->claim(shard, rival, kLease), "claim of a rival");
    verdicts_.insert(second->verdict);
  }
  const std::string user = history_.below(5) == 0 ? "nobody" : token;
  expect_same(memory_healing_.renew(shard, user, kLease), redis_healing_->renew(shard, user, kLease), "renew");
  const uint64_t after = history_.below(claimed->condition.number + 2);
  expect_same(memory_healing_.unpublished(shard, after, 3), redis_healing_->unpublished(shard, after, 3),
              "unpublished");
  uint64_t number = claimed->condition.number;
  while (history_.below(3) != 0) fold(shard, user, number++);
  if (history_.below(6) == 0) {
    return expect_same(memory_healing_.abandon(shard, user), redis_healing_->abandon(shard, user), "abandon");
  }
  const auto now = memory_healing_.look(all);
  Reconciliation end{(*now)[shard].generation + history_.below(5), (*now)[shard].trimmed, fresh_token(chance_)};
  if (history_.below(5) == 0) end.number = (*now)[shard].number + history_.below(2);
  expect_same(memory_healing_.finish(shard, user, end), redis_healing_->finish(shard, user, end), "finish");
}

void StoreConformanceTest::fold(uint32_t shard, const std::string& token, uint64_t from) {
  const FoldedEvents events = history_.folded(shard, history_.below(8) == 0 ? from + 1 : from);
  expect_same(memory_healing_.fold(shard, token, kLease, events, clock_.now()),
              redis_healing_->fold(shard, token, kLease, events, clock_.now()), "fold");
  std::vector<AggregateRef> refs;
  for (const auto& [of, ref] : history_.aggregates()) {
    if (of == shard) refs.push_back(ref);
  }
  expect_same(memory_healing_.load(shard, refs), redis_healing_->load(shard, refs), "load");
}

void StoreConformanceTest::inspect(uint32_t shard) {
  inspections_->look_at_all(kShards);
  inspections_->mend(shard);
  expect_same_data(twin(), redis(), history_, kShards);
}

// All shards but the last.
void StoreConformanceTest::reconcile() {
  for (uint32_t shard = 0; shard + 1 < kShards; ++shard) {
    const uint64_t generation = store::testing::reconcile(memory_healing_, shard);
    EXPECT_EQ(generation, store::testing::reconcile(*redis_healing_, shard));
  }
}

TEST_P(StoreConformanceTest, TheTwinsAgree) {
  expect_same_data(twin(), redis(), history_, kShards);  // before anything is opened
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    expect_same(memory_outbox_.open(shard), redis_outbox_->open(shard), "open");
  }
  reconcile();
  // A restart with commits under way that were decided before it.
  std::vector<std::vector<Commit>> under_way;
  for (int i = 0; i < 10; ++i) under_way.push_back(history_.commits());
  restart();
  for (const auto& batch : under_way) commit(batch);
  reconcile();
  for (int i = 0; i < kSteps && !HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    step();
    expect_same_data(twin(), redis(), history_, kShards);
    if (i % kStepsBetweenInspections == 0) inspect(static_cast<uint32_t>(i / kStepsBetweenInspections) % kShards);
  }
  // The history had all of it.
  using Status = CommitOutcome::Status;
  EXPECT_THAT(seen_, ::testing::UnorderedElementsAre(Status::kCommitted, Status::kDuplicate, Status::kWrongGeneration,
                                                     Status::kWrongMark, Status::kWrongVersion, Status::kUnavailable));
  EXPECT_THAT(verdicts_, ::testing::Contains(Claim::Verdict::kNotNeeded));
  EXPECT_GT(inspections_->mended(), 10);
  EXPECT_GT(inspections_->refused(), 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreConformanceTest,
                         ::testing::Values(Case{1, 1}, Case{2, 1}, Case{3, 1}, Case{4, 1}, Case{5, 2}, Case{6, 2}));

}  // namespace
}  // namespace tandem::testing
