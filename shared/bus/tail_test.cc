#include "shared/bus/tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/topics.h"

namespace tandem::bus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct TailTest : testing::Test {
  void append(uint64_t from, uint64_t to) {
    for (uint64_t n = from; n <= to; ++n) {
      ASSERT_TRUE(bus.broker.append("tandem.sales.events", 0, event_record(1, n, std::to_string(n))).ok());
    }
  }
  std::unique_ptr<Tail> open(TailStart start) {
    auto tail = Tail::open(bus.log, {"sales"}, start, Millis(0));
    EXPECT_TRUE(tail.ok()) << to_line(tail.error());
    return std::move(tail).value();
  }
  // What is there, errors as "!".
  static std::vector<std::string> rest(Tail& tail) {
    std::vector<std::string> heard;
    while (true) {
      auto next = tail.next(Millis(0));
      if (next.ok() && !next->has_value()) return heard;
      heard.push_back(next.ok() ? (*next)->payload : "!");
    }
  }
  BusWorld bus;
};

TEST_F(TailTest, FromTheBeginning) {
  append(1, 3);
  append(2, 3);
  auto tail = open({TailStart::From::kBeginning, {}});
  EXPECT_FALSE(tail->at_end());
  EXPECT_THAT(rest(*tail), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(tail->at_end());
  append(4, 4);
  EXPECT_THAT(rest(*tail), ElementsAre("4"));
}

TEST_F(TailTest, FromNow) {
  append(1, 3);
  auto tail = open({TailStart::From::kNow, {}});
  EXPECT_TRUE(tail->at_end());
  append(4, 5);
  append(5, 6);
  EXPECT_THAT(rest(*tail), ElementsAre("4", "5", "6"));
}

TEST_F(TailTest, FromCursorsAndOffsets) {
  append(1, 5);
  auto tail = open({TailStart::From::kCursors, {{{"sales", 0}, Cursor{2, 1, 2}}}});
  EXPECT_THAT(rest(*tail), ElementsAre("3", "4", "5"));
  EXPECT_EQ(tail->cursors().at({"sales", 0}), (Cursor{5, 1, 5}));
  EXPECT_THAT(rest(*open({TailStart::From::kCursors, {{{"sales", 0}, Cursor{3, 0, 0}}}})), ElementsAre("4", "5"));
}

TEST_F(TailTest, SaysAGapOnceAndGoesOnBehindIt) {
  append(1, 9);
  bus.broker.drop_before("tandem.sales.events", 0, 5);
  auto tail = open({TailStart::From::kBeginning, {}});
  const auto gap = tail->next(Millis(0));
  ASSERT_FALSE(gap.ok());
  EXPECT_EQ(gap.code(), Code::kDataLoss);
  EXPECT_THAT(gap.error().message, HasSubstr("1 should be next, 6 is"));
  EXPECT_THAT(rest(*tail), ElementsAre("6", "7", "8", "9"));
}

TEST_F(TailTest, OfAServiceThatIsNotThere) {
  EXPECT_EQ(Tail::open(bus.log, {"nobody"}, {}, Millis(0)).code(), Code::kNotFound);
}

// An admin that says what the test wants.
struct ScriptedAdmin : LogAdmin {
  Status create_topic(const std::string& topic, uint32_t partitions, Millis) override {
    topics[topic].partitions = partitions;
    return {};
  }
  Result<TopicDescription> describe(const std::string& topic, Millis) override {
    const auto found = topics.find(topic);
    if (found == topics.end()) return make_error(Code::kNotFound, "There is no topic " + topic + ".");
    return found->second;
  }
  std::map<std::string, TopicDescription> topics;
};

TEST(Topics, AreMadeWhereTheyAreMissing) {
  ScriptedAdmin admin;
  const std::string sources[] = {"marketing"};
  ASSERT_TRUE(prepare_topics(admin, "sales", sources, 16, Millis(100)).ok());
  EXPECT_THAT(admin.topics, testing::UnorderedElementsAre(testing::Key("tandem.sales.events"),
                                                          testing::Key("tandem.sales.dead-letters"),
                                                          testing::Key("tandem.marketing.events")));
  EXPECT_TRUE(prepare_topics(admin, "sales", sources, 16, Millis(100)).ok());
  const Status other = prepare_topics(admin, "sales", sources, 8, Millis(100));
  EXPECT_EQ(other.code(), Code::kFailedPrecondition);
  EXPECT_THAT(to_line(other.error()), HasSubstr("has 16 partitions, but the installation has 8 shards"));
}

TEST(Topics, AreRefusedWithCompactionOrRetention) {
  ScriptedAdmin admin;
  admin.topics["t"] = {16, "delete", -1, -1};
  EXPECT_TRUE(check_topic(admin, "t", 16, Millis(100)).ok());
  admin.topics["t"].cleanup_policy = "compact";
  EXPECT_THAT(to_line(check_topic(admin, "t", 16, Millis(100)).error()), HasSubstr("cleanup.policy=compact"));
  admin.topics["t"] = {16, "delete", 604'800'000, -1};
  EXPECT_THAT(to_line(check_topic(admin, "t", 16, Millis(100)).error()), HasSubstr("retention.ms=-1"));
  admin.topics["t"] = {16, "delete", -1, 1'000'000};
  EXPECT_EQ(check_topic(admin, "t", 16, Millis(100)).code(), Code::kFailedPrecondition);
}

}  // namespace
}  // namespace tandem::bus
