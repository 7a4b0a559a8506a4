// Two replicas of a service share its shards; when one is gone the other has them all, and nothing happens twice.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/system/company.h"
#include "tests/system/load.h"

namespace tandem::testing {
namespace {

using std::chrono::seconds;

class ReplicasTest : public ::testing::Test {
 protected:
  ReplicasTest() {
    company_.define();
    tandem_.start("sales.2");
  }

  std::set<uint32_t> shards_of(const std::string& name) {
    const auto status = tandem_.status(name);
    if (!status.ok()) return {};
    return {status->shards_owned().begin(), status->shards_owned().end()};
  }
  uint32_t partitions_of(const std::string& name) {
    const auto status = tandem_.status(name);
    return status.ok() ? status->partitions_read() : 0;
  }

  Installation tandem_;
  Company company_{tandem_};
};

TEST_F(ReplicasTest, TheyShareAndOneTakesOver) {
  Load load(company_, 120);
  EXPECT_TRUE(eventually([&] {
    return partitions_of("sales") > 0 && partitions_of("sales.2") > 0 &&
           partitions_of("sales") + partitions_of("sales.2") == 2 * tandem_.shards();
  })) << partitions_of("sales")
      << " and " << partitions_of("sales.2") << " partitions";
  EXPECT_TRUE(eventually([&] {
    std::set<uint32_t> both = shards_of("sales");
    const std::set<uint32_t> second = shards_of("sales.2");
    const size_t sum = both.size() + second.size();
    both.insert(second.begin(), second.end());
    return sum == both.size() && both.size() == tandem_.shards();
  })) << "each shard has one replica that publishes it";
  tandem_.kill9("sales");
  EXPECT_TRUE(eventually([&] { return shards_of("sales.2").size() == tandem_.shards(); }, seconds(30)));
  EXPECT_TRUE(eventually([&] { return partitions_of("sales.2") == 2 * tandem_.shards(); }, seconds(30)));
  tandem_.start("sales");
  ASSERT_TRUE(load.finish());
  expect_books_balance(company_, load.tally());
}

}  // namespace
}  // namespace tandem::testing
