// An installation on a Kafka of its own, as `tandem up --bus kafka` makes it: what it knows outlives its processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/system/up_folder.h"

namespace tandem::testing {
namespace {

using ::testing::HasSubstr;

class LastingTest : public UpFolder {
 protected:
  std::string capture(const std::string& email) {
    return json({"leads", "capture", "--email", email, "--team", "north", "--published"}).value("subject", "");
  }
  // What the log has, told by a reader of its own.
  size_t events_of(const std::string& service) {
    const Ran ran =
        run({"events", "tail", "--service", service, "--from", "beginning", "--until-end", "--output", "json"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    return static_cast<size_t>(std::ranges::count(ran.out, '\n'));
  }
};

TEST_F(LastingTest, ItGoesOnWhereItEnded) {
  const Ran first = run({"up", "--bus", "kafka", "--shards", "4"});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr(": new"));
  const std::string before = capture("before@example.com");
  ASSERT_NE(before, "");
  const auto id = cli::read_endpoints(folder_)->installation;
  const size_t events = events_of("marketing");
  EXPECT_GE(events, 1u);
  ASSERT_EQ(run({"down"}).status, 0);
  for (const cli::Part& part : cli::parts_of(folder_)) EXPECT_FALSE(part.alive) << part.name;

  const Ran second = run({"up"});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("goes on with what is there"));
  EXPECT_EQ(cli::read_endpoints(folder_)->installation, id);
  EXPECT_EQ(json({"leads", "get", before}).value("lead", ""), before);
  const std::string after = capture("after@example.com");
  EXPECT_NE(after, before);
  EXPECT_EQ(capture("before@example.com"), before) << "the same person is the same lead";
  EXPECT_GE(events_of("marketing"), events + 2) << "one log, old and new";
  EXPECT_TRUE(eventually([&] { return run({"status"}).status == 0; })) << run({"status"}).out;

  const Ran other = run({"up", "--bus", "embedded"});
  EXPECT_EQ(other.status, 1);
  ASSERT_EQ(run({"down"}).status, 0);
  const Ran wiped = run({"up", "--bus", "embedded"});
  EXPECT_EQ(wiped.status, 1);
  EXPECT_THAT(wiped.err, HasSubstr("which the embedded bus would wipe out"));
}

}  // namespace
}  // namespace tandem::testing
