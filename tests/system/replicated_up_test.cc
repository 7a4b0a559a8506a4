// `tandem up --bus kafka --replicas 2 --redis 3`: who is killed is replaced by the others and comes back, and the
// shards are where the table says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "services/cli/processes.h"
#include "shared/base/text.h"
#include "tests/system/up_folder.h"

namespace tandem::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class ReplicatedUpTest : public UpFolder {
 protected:
  // Shards whose keys are there.
  static std::set<std::string> tags_on(const std::string& address) {
    const size_t colon = address.find(':');
    redisContext* redis = redisConnect(address.substr(0, colon).c_str(), std::stoi(address.substr(colon + 1)));
    std::set<std::string> tags;
    auto* reply = static_cast<redisReply*>(redisCommand(redis, "KEYS *"));
    EXPECT_NE(reply, nullptr);
    for (size_t i = 0; reply != nullptr && i < reply->elements; ++i) {
      const std::string key(reply->element[i]->str, reply->element[i]->len);
      tags.insert(key.substr(0, key.find('}') + 1));
    }
    if (reply != nullptr) freeReplyObject(reply);
    redisFree(redis);
    return tags;
  }
  // Of each process of a service: shards that it has.
  std::map<std::string, int> shards_of(const std::string& service) {
    std::map<std::string, int> shards;
    const Ran ran = run({"status", "--output", "json"});
    for (const auto& one : nlohmann::json::parse(ran.out)) {
      const std::string name = one.at("service");
      if (name.substr(0, name.find('.')) != service || !one.contains("status")) continue;
      const auto& status = one.at("status");
      shards[name] = status.contains("shards_owned") ? static_cast<int>(status.at("shards_owned").size()) : 0;
    }
    return shards;
  }
  bool shared(const std::string& service, int each) {
    return eventually(
        [&] {
          const auto shards = shards_of(service);
          return shards.size() == 2 && shards.at(service) == each && shards.at(service + ".2") == each;
        },
        seconds(40));
  }
};

TEST_F(ReplicatedUpTest, WhoIsKilledIsReplacedAndComesBack) {
  const Ran up = run({"up", "--bus", "kafka", "--replicas", "2", "--redis", "3", "--shards", "6"});
  ASSERT_EQ(up.status, 0) << up.err;
  const auto redis = split(cli::read_endpoints(folder_)->redis, ',');
  ASSERT_EQ(redis.size(), 3u);
  for (size_t i = 0; i < redis.size(); ++i) {
    std::set<std::string> expected;
    for (const std::string& service : kServices) {
      for (size_t shard = i; shard < 6; shard += 3) expected.insert("{" + service + ":" + std::to_string(shard) + "}");
    }
    EXPECT_EQ(tags_on(redis[i]), expected) << i;
  }
  ASSERT_TRUE(shared("sales", 3)) << run({"status"}).out;

  const auto killed = cli::read_pid_file(cli::pid_file(folder_, "sales"));
  ASSERT_TRUE(killed);
  kill(killed->pid, SIGKILL);
  // Whoever is left takes commands at once, and everything soon.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(
        run({"leads", "capture", "--email", "p" + std::to_string(i) + "@example.com", "--team", "north", "--published"})
            .status,
        0);
  }
  EXPECT_EQ(run({"team", "list"}).status, 0);
  EXPECT_TRUE(eventually([&] { return shards_of("sales")["sales.2"] == 6; }, seconds(40)));
  const Ran down = run({"status"});
  EXPECT_EQ(down.status, 1);
  EXPECT_THAT(down.out, HasSubstr("sales: does not answer"));

  const Ran again = run({"up"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("half up: sales is not well"));
  EXPECT_TRUE(shared("sales", 3)) << run({"status"}).out;
  EXPECT_TRUE(eventually([&] { return run({"status"}).status == 0; }, seconds(40))) << run({"status"}).out;

  const Ran fewer = run({"up", "--replicas", "1"});
  ASSERT_EQ(fewer.status, 0) << fewer.err;
  EXPECT_TRUE(
      eventually([&] { return shards_of("sales") == (std::map<std::string, int>{{"sales", 6}}); }, seconds(40)));
}

}  // namespace
}  // namespace tandem::testing
