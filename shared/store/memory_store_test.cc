#include "shared/store/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "shared/store/store_testing.h"

namespace tandem::store {
namespace {

using Outcome = CommitOutcome::Status;
using testing::event;
using testing::nothing;
using testing::request;
using testing::version;

class MemoryStoreTest : public ::testing::Test {
 protected:
  MemoryStoreTest() { world_.open_all(); }
  CommitOutcome commit(const Commit& commit) { return store_.commit(std::span(&commit, 1), clock_.now())[0]; }
  Stored stored() {
    return store_.load({.aggregates = {{0, {"lead", "a"}}}, .requests = {}, .shards = {}})->aggregates[0];
  }

  ManualClock clock_{from_micros(1'000'000)};
  MemoryWorld world_{clock_, {"installation", "sales", 2}};
  MemoryStore store_{world_};
  MemoryOutbox outbox_{world_};
};

TEST_F(MemoryStoreTest, AShardThatIsNotOpenRefuses) {
  MemoryWorld fresh(clock_);
  MemoryStore store(fresh);
  Commit item = event(0, 1);
  EXPECT_EQ(store.commit(std::span(&item, 1), clock_.now())[0].status, Outcome::kWrongGeneration);
}

TEST_F(MemoryStoreTest, AnotherInstallationIsRefusedInWords) {
  MemoryOutbox other(world_, StoreIdentity{"other", "sales", 2});
  EXPECT_EQ(other.open(0).code(), Code::kFailedPrecondition);
  MemoryOutbox resharded(world_, StoreIdentity{"installation", "sales", 3});
  auto refused = resharded.open(0);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(to_line(refused.error()), ::testing::HasSubstr("set shards to 2"));
}

TEST_F(MemoryStoreTest, TheChecksComeInTheProtocolsOrder) {
  ASSERT_EQ(commit(request("r", 0, 1)).status, Outcome::kCommitted);
  Commit all_wrong = request("r", 7, 8);
  all_wrong.generation = 2;
  all_wrong.mark = MarkMove{{"marketing", 0}, {5, 0}, {6, 0}};
  EXPECT_EQ(commit(all_wrong).status, Outcome::kWrongGeneration);
  all_wrong.generation = 1;
  CommitOutcome known = commit(all_wrong);
  EXPECT_EQ(known.status, Outcome::kDuplicate);
  EXPECT_EQ(known.n, 1U);
  EXPECT_EQ(known.reply, (Reply{"print", "reply", 1}));
  all_wrong.request_id = "another";
  EXPECT_EQ(commit(all_wrong).status, Outcome::kWrongMark);
  all_wrong.mark->expected = {};
  EXPECT_EQ(commit(all_wrong).status, Outcome::kWrongVersion);
  EXPECT_EQ(stored(), (Stored{version(1), "state 1"}));
}

TEST_F(MemoryStoreTest, ARequestIdIsForgottenAfterADay) {
  commit(request("r", 0, 1));
  clock_.advance(kRequestLifetime - std::chrono::seconds(1));
  EXPECT_EQ(commit(request("r", 1, 2)).status, Outcome::kDuplicate);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(commit(request("r", 1, 2)).status, Outcome::kCommitted);
}

TEST_F(MemoryStoreTest, MarksWithoutAnEventTravelWithTheNext) {
  commit(nothing({0, 0}, {4, 1}));
  commit(nothing({4, 1}, {4, 2}));
  commit(event(0, 1));
  commit(event(1, 2));
  ASSERT_TRUE(*outbox_.lease(0, "token", std::chrono::seconds(1)));
  auto read = outbox_.read(0, "token", 0, 10);
  ASSERT_EQ(read->entries.size(), 2U);
  EXPECT_THAT(read->entries[0].carried_marks,
              ::testing::ElementsAre(std::pair(Source{"marketing", 0}, MarkValue{4, 2})));
  EXPECT_THAT(read->entries[1].carried_marks, ::testing::IsEmpty());
}

TEST_F(MemoryStoreTest, ALeaseEndsByTheClock) {
  EXPECT_TRUE(*outbox_.lease(0, "a", std::chrono::seconds(2)));
  EXPECT_FALSE(*outbox_.lease(0, "b", std::chrono::seconds(2)));
  clock_.advance(std::chrono::seconds(2));
  EXPECT_FALSE(outbox_.read(0, "a", 0, 1)->leased);
  EXPECT_TRUE(*outbox_.lease(0, "b", std::chrono::seconds(2)));
}

TEST_F(MemoryStoreTest, WaitEndsWithAnEntryOrAnInterrupt) {
  std::vector<std::pair<uint32_t, uint64_t>> after = {{0, 0}, {1, 0}};
  std::thread writer([this] { commit(event(0, 1)); });
  EXPECT_THAT(*outbox_.wait(after, std::chrono::seconds(30)), ::testing::ElementsAre(0U));
  writer.join();
  outbox_.interrupt();  // before the wait: not lost
  after = {{0, 1}};
  EXPECT_THAT(*outbox_.wait(after, std::chrono::hours(1)), ::testing::IsEmpty());
}

TEST_F(MemoryStoreTest, FaultsAreWhatTheHookSays) {
  std::vector<Commit> batch = {request("1", 0, 1), request("2", 1, 2), request("3", 2, 3)};
  store_.set_fault_hook([](const MemoryCall&) { return Fault::kUnavailable; });
  EXPECT_EQ(store_.commit(batch, clock_.now())[2].status, Outcome::kUnavailable);
  EXPECT_EQ(store_.load({}).code(), Code::kUnavailable);

  // The second is done, but from it on nothing is heard; the third does not arrive.
  store_.set_fault_hook([](const MemoryCall& call) {
    if (call.name != "commit_item" || call.item == 0) return Fault::kNone;
    return call.item == 1 ? Fault::kReplyLost : Fault::kRequestLost;
  });
  auto outcomes = store_.commit(batch, clock_.now());
  EXPECT_EQ(outcomes[0].status, Outcome::kCommitted);
  EXPECT_EQ(outcomes[1].status, Outcome::kUnknown);
  EXPECT_EQ(outcomes[2].status, Outcome::kUnknown);
  store_.set_fault_hook({});
  EXPECT_EQ(stored().version, version(2));
}

TEST_F(MemoryStoreTest, AWrongVersionTokenIsABug) {
  Commit item = event(0, 1);
  item.change->version = "7";
  EXPECT_THROW(commit(item), std::invalid_argument);
}

}  // namespace
}  // namespace tandem::store
