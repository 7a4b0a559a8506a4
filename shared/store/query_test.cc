// Lists over the memory store.
#include "shared/aggregate/query.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/indexing.h"
#include "shared/aggregate/instance.h"
#include "shared/base/ids.h"
#include "shared/store/memory_store.h"
#include "tandem/marketing/v1/resources.pb.h"

namespace tandem {
namespace {

namespace v1 = marketing::v1;

constexpr uint32_t kShards = 5;

struct ListedLead {
  using State = v1::Lead;
  static constexpr std::string_view kType = "lead";
  using Commands = Types<>;
  using Events = Types<>;
  static Indexes indexes(const State& s) {
    return {order_key(to_instant(s.captured_at())), {{"status", enum_label(s.status())}, {"team", s.team()}}};
  }
};

class QueryTest : public ::testing::Test {
 protected:
  QueryTest() {
    registry_.add<ListedLead>();
    world_.open_all();
  }

  void put(const std::string& id, int64_t at, v1::LeadStatus status, const std::string& team) {
    v1::Lead lead;
    lead.set_lead(id);
    lead.mutable_captured_at()->set_seconds(at);
    lead.set_status(status);
    lead.set_team(team);
    exchange::v1::StoredAggregate stored;
    stored.set_state(serialize(lead));
    Commit commit;
    commit.shard = shard_of("lead", id, kShards);
    commit.generation = 1;
    commit.aggregate = {"lead", id};
    commit.change = Commit::Change{"0123456789abcdef", serialize(stored), "record",
                                   index_changes("lead", id, std::nullopt, ListedLead::indexes(lead))};
    ASSERT_EQ(store_.commit(std::span(&commit, 1), clock_.now()).at(0).status, CommitOutcome::Status::kCommitted);
  }

  // 100 leads; every second is qualified, every tenth is of the team south; captured in the order of their numbers.
  void put_hundred() {
    for (int i = 0; i < 100; ++i) {
      put(id(i), 1000 + i / 3, i % 2 ? v1::LEAD_STATUS_QUALIFIED : v1::LEAD_STATUS_NEW, i % 10 ? "north" : "south");
    }
  }

  static std::string id(int number) { return "lead-" + std::to_string(1000 + number); }

  std::vector<std::string> all(ListQuery query, int* calls = nullptr) {
    std::vector<std::string> ids;
    do {
      const auto page = queries_.list(*registry_.find("lead"), query);
      EXPECT_TRUE(page.ok()) << (page.ok() ? "" : to_line(page.error()));
      if (!page.ok()) break;
      for (const auto& item : page->items) ids.push_back(static_cast<const v1::Lead&>(*item).lead());
      query.page_token = page->next_page_token;
      if (calls) ++*calls;
    } while (!query.page_token.empty());
    return ids;
  }

  // The numbers for which it holds, as ids.
  template <class P>
  static std::vector<std::string> ids_where(P holds) {
    std::vector<std::string> ids;
    for (int i = 0; i < 100; ++i) {
      if (holds(i)) ids.push_back(id(i));
    }
    return ids;
  }

  ManualClock clock_;
  store::MemoryWorld world_{clock_, {.installation = "test", .service = "marketing", .shards = kShards}};
  store::MemoryStore store_{world_};
  Registry registry_;
  Queries queries_{registry_, store_, {.shards = kShards, .token_key = "key", .scan_budget = 70}};
};

TEST_F(QueryTest, PagesThroughAllShardsInOrder) {
  put_hundred();
  const auto everyone = ids_where([](int) { return true; });
  for (const int size : {1, 3, 7, 50, 99, 100, 1000}) {
    EXPECT_EQ(all({.page_size = size}), everyone) << size;
    auto backwards = all({.order_by = "desc", .page_size = size});
    std::reverse(backwards.begin(), backwards.end());
    EXPECT_EQ(backwards, everyone) << size;
  }
}

TEST_F(QueryTest, FiltersByIndexAndWithout) {
  put_hundred();
  const auto qualified = ids_where([](int i) { return i % 2 == 1; });
  const auto new_in_south = ids_where([](int i) { return i % 10 == 0; });
  for (const int size : {1, 6, 100}) {
    EXPECT_EQ(all({.filter = "status = QUALIFIED", .page_size = size}), qualified);
    EXPECT_EQ(all({.filter = "status != LEAD_STATUS_NEW", .page_size = size}), qualified);
    EXPECT_EQ(all({.filter = "team = south AND status = NEW", .page_size = size}), new_in_south);
    EXPECT_EQ(all({.filter = "captured_at >= 1970-01-01T00:17:12Z", .page_size = size}),
              ids_where([](int i) { return 1000 + i / 3 >= 1032; }));
    EXPECT_EQ(all({.filter = "lead = lead-1042", .page_size = size}), std::vector<std::string>{id(42)});
    EXPECT_TRUE(all({.filter = "team = west", .page_size = size}).empty());
  }
}

TEST_F(QueryTest, BoundsTheWorkOfOneCall) {
  put_hundred();
  // Nothing matches, and no index helps: two calls of 70 entries at most.
  const auto page = queries_.list(*registry_.find("lead"), {.filter = "customer = nobody"});
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->items.empty());
  EXPECT_FALSE(page->next_page_token.empty());
  int calls = 0;
  EXPECT_TRUE(all({.filter = "customer = nobody"}, &calls).empty());
  EXPECT_EQ(calls, 2);
  calls = 0;
  EXPECT_TRUE(all({.filter = "status = DISQUALIFIED"}, &calls).empty());
  EXPECT_EQ(calls, 1);
}

TEST_F(QueryTest, RefusesWhatItCannotDo) {
  put_hundred();
  const auto& type = *registry_.find("lead");
  const auto field = [&](const ListQuery& query) {
    const auto page = queries_.list(type, query);
    EXPECT_EQ(page.code(), Code::kInvalidArgument);
    return page.ok() ? "" : page.error().violations.at(0).field;
  };
  EXPECT_EQ(field({.page_size = -1}), "page_size");
  EXPECT_EQ(field({.page_size = 1001}), "page_size");
  EXPECT_EQ(field({.order_by = "name"}), "order_by");
  EXPECT_EQ(field({.filter = "nothing = 1"}), "filter");
  const std::string token = queries_.list(type, {.filter = "team = north", .page_size = 2})->next_page_token;
  EXPECT_EQ(field({.filter = "team = south", .page_token = token}), "page_token");
  EXPECT_EQ(field({.filter = "team = north", .order_by = "desc", .page_token = token}), "page_token");
  EXPECT_TRUE(queries_.list(type, {.filter = "team = north", .order_by = "asc", .page_token = token}).ok());
}

TEST_F(QueryTest, GetsSeveralAtOnce) {
  put_hundred();
  const std::vector<AggregateRef> refs{{"lead", id(3)}, {"lead", "nobody"}, {"lead", id(4)}, {"planet", "x"}};
  const auto states = queries_.get(refs);
  ASSERT_EQ(states.size(), 4u);
  EXPECT_EQ(static_cast<const v1::Lead&>(**states[0]).lead(), id(3));
  EXPECT_EQ(states[1].code(), Code::kNotFound);
  EXPECT_EQ(static_cast<const v1::Lead&>(**states[2]).lead(), id(4));
  EXPECT_EQ(states[3].code(), Code::kInternal);
}

TEST_F(QueryTest, SaysThatTheStoreIsAway) {
  store_.set_fault_hook([](const store::MemoryCall&) { return store::Fault::kUnavailable; });
  EXPECT_EQ(queries_.get({"lead", id(1)}).code(), Code::kUnavailable);
  EXPECT_EQ(queries_.list(*registry_.find("lead"), {}).code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tandem
