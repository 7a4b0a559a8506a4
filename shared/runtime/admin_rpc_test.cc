// The list of parked commands, over the memory store.
#include "shared/runtime/admin_rpc.h"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "shared/aggregate/instance.h"
#include "shared/base/ids.h"
#include "shared/base/ports.h"
#include "shared/store/memory_store.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::runtime {
namespace {

constexpr uint32_t kShards = 5;

class AdminRpcTest : public ::testing::Test {
 protected:
  AdminRpcTest() { world_.open_all(); }

  // ledger/ID has a parked command since the second `at`.
  void park(const std::string& id, int at) {
    exchange::v1::StoredAggregate stored;
    stored.add_parked()->set_id("parked-" + id);
    std::string order = std::to_string(at);
    order.insert(0, 10 - order.size(), '0');
    Commit commit;
    commit.shard = shard_of("ledger", id, kShards);
    commit.generation = 1;
    commit.aggregate = {"ledger", id};
    commit.change = Commit::Change{
        "0123456789abcdef", serialize(stored), "record", {{std::string(kParkedIndex), order, "ledger/" + id, true}}};
    ASSERT_EQ(store_.commit(std::span(&commit, 1), clock_.now()).at(0).status, CommitOutcome::Status::kCommitted);
  }

  Result<v1::ListParkedResult> list(const v1::ListParked& request) {
    auto answer = service_.methods.at("ListParked").read(request, {});
    if (!answer.ok()) return std::move(answer).error();
    return static_cast<const v1::ListParkedResult&>(**answer);
  }

  ManualClock clock_;
  store::MemoryWorld world_{clock_, {.installation = "test", .service = "test", .shards = kShards}};
  store::MemoryStore store_{world_};
  rpc::ExtraService service_ =
      admin_service(store_, {.shards = kShards, .token_key = "key"}, [] { return v1::ServiceStatus(); });
};

TEST_F(AdminRpcTest, ParkedCommandsComeInPagesTheOldestFirst) {
  for (int i = 0; i < 25; ++i) park("payee/" + std::to_string(i), i);
  v1::ListParked request;
  request.set_page_size(10);
  std::vector<std::string> seen;
  do {
    const auto page = list(request);
    ASSERT_TRUE(page.ok()) << to_line(page.error());
    ASSERT_LE(page->aggregates_size(), 10);
    for (const auto& aggregate : page->aggregates()) seen.push_back(aggregate.aggregate_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.push_back("payee/" + std::to_string(i));
  EXPECT_EQ(seen, expected);
}

TEST_F(AdminRpcTest, OneAggregateIsFoundWhateverItsPlace) {
  for (int i = 0; i < 25; ++i) park("payee/" + std::to_string(i), i);
  v1::ListParked request;
  request.set_page_size(1);
  request.set_aggregate_type("ledger");
  request.set_aggregate_id("payee/24");
  const auto found = list(request);
  ASSERT_TRUE(found.ok()) << to_line(found.error());
  ASSERT_EQ(found->aggregates_size(), 1);
  EXPECT_EQ(found->aggregates(0).aggregate_id(), "payee/24");
  EXPECT_EQ(found->aggregates(0).commands(0).id(), "parked-payee/24");
  EXPECT_EQ(found->next_page_token(), "");
  request.set_aggregate_id("payee/25");
  EXPECT_EQ(list(request)->aggregates_size(), 0);
  request.clear_aggregate_id();
  EXPECT_EQ(list(request).error().violations.at(0).field, "aggregate_id");
}

TEST_F(AdminRpcTest, ATokenThatItDidNotGiveIsRefused) {
  v1::ListParked request;
  request.set_page_token("made-up");
  EXPECT_EQ(list(request).error().violations.at(0).field, "page_token");
}

}  // namespace
}  // namespace tandem::runtime
