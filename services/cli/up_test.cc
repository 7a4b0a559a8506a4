// What `tandem up` does about an installation that is half up; its parts are scripts.
#include "services/cli/up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "services/cli/installation.h"
#include "services/cli/processes.h"

namespace tandem::cli {
namespace {

constexpr char kSleeps[] = "#!/bin/sh\nexec sleep 600\n";
constexpr char kGetsReady[] =
    "#!/bin/sh\n"
    "echo '{\"grpc\": \"127.0.0.1:1\", \"admin\": \"127.0.0.1:1\"}' >\"$TANDEM_READY_FILE.part\"\n"
    "mv \"$TANDEM_READY_FILE.part\" \"$TANDEM_READY_FILE\"\n"
    "exec sleep 600\n";

class HalfUpTest : public ::testing::Test {
 protected:
  HalfUpTest() {
    char name[] = "/tmp/tandem-up-test-XXXXXX";
    const std::filesystem::path folder = mkdtemp(name);
    options_.folder = folder / "home";
    options_.programs = folder / "programs";
    std::filesystem::create_directory(options_.programs);
    for (const std::string& service : kServices) write_program("tandem-" + service, kGetsReady);
    write_program("part", kSleeps);
  }
  ~HalfUpTest() override {
    EXPECT_TRUE(bring_down(options_.folder, [](const std::string&) {}).ok());
    std::filesystem::remove_all(options_.folder.parent_path());
  }

  void write_program(const std::string& name, const std::string& text) {
    std::ofstream(options_.programs / name) << text;
    std::filesystem::permissions(options_.programs / name, std::filesystem::perms::owner_all);
  }
  ProcessId start_part(const std::string& part) {
    const auto started = start_process({(options_.programs / "part").string(),
                                        {},
                                        {},
                                        log_file(options_.folder, part),
                                        pid_file(options_.folder, part)});
    EXPECT_TRUE(started.ok());
    return *started;
  }
  // Redis is there, and brokers that are not ours; no service is.
  void half_up() {
    UpOptions options = options_;
    options.bus = "kafka";
    options.kafka = "127.0.0.1:1";
    const auto installation = open_installation(options);
    ASSERT_TRUE(installation.ok() && save_installation(options.folder, *installation).ok());
    start_part("redis");
    Endpoints endpoints;
    endpoints.installation = installation->id;
    endpoints.bus = "kafka";
    endpoints.kafka = options.kafka;
    endpoints.redis = "127.0.0.1:1";
    endpoints.shards = installation->shards;
    ASSERT_TRUE(write_endpoints(options.folder, endpoints).ok());
  }
  std::vector<std::string> alive() const {
    std::vector<std::string> names;
    for (const Part& part : parts_of(options_.folder)) {
      if (part.alive) names.push_back(part.name);
    }
    return names;
  }

  UpOptions options_;
};

TEST_F(HalfUpTest, ServicesThatWereStartedDoNotStayIfOneOfThemDoesNotComeUp) {
  half_up();
  write_program("tandem-incentives", "#!/bin/sh\necho no such setting\nexit 1\n");
  const auto outcome = bring_up(options_);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().violations.at(0).field, "incentives");
  EXPECT_THAT(alive(), ::testing::ElementsAre("redis"));
}

TEST_F(HalfUpTest, ServicesThatWereStartedDoNotStayIfItIsInterrupted) {
  half_up();
  write_program("tandem-incentives", kSleeps);
  options_.cancelled = [&] { return std::filesystem::exists(ready_file(options_.folder, "crm")); };
  const auto outcome = bring_up(options_);
  EXPECT_EQ(outcome.code(), Code::kCancelled);
  EXPECT_THAT(alive(), ::testing::ElementsAre("redis"));
}

TEST_F(HalfUpTest, AReplicaThatStandsInNoEndpointsIsStopped) {
  half_up();
  const ProcessId stray = start_part("sales.3");
  ASSERT_TRUE(bring_up(options_).ok());
  EXPECT_FALSE(is_alive(stray));
  EXPECT_THAT(alive(), ::testing::UnorderedElementsAre("redis", "marketing", "sales", "crm", "incentives"));
}

}  // namespace
}  // namespace tandem::cli
