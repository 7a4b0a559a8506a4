#include "services/cli/processes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "services/cli/installation.h"
#include "services/cli/up.h"

namespace tandem::cli {
namespace {

class ProcessesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "tandem-processes-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    if (const auto process = read_pid_file(folder_ / "p.pid")) kill(process->pid, SIGKILL);
    std::filesystem::remove_all(folder_);
  }

  Result<ProcessId> start(const std::string& script) {
    return start_process({"sh", {"-c", script}, {{"TANDEM_WORD", "hello"}}, folder_ / "p.log", folder_ / "p.pid"});
  }
  // What the process has written into its log, once there is a line.
  std::string first_line() {
    for (int tries = 0; tries < 10'000; ++tries) {
      const auto lines = last_lines(folder_ / "p.log", 1);
      if (!lines.empty() && !lines[0].empty()) return lines[0];
      usleep(1'000);
    }
    return "";
  }

  std::filesystem::path folder_;
};

TEST_F(ProcessesTest, StartsStopsAndKeepsALog) {
  const auto process = start("echo $TANDEM_WORD; exec sleep 60");
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(first_line(), "hello");
  EXPECT_TRUE(is_alive(*process));
  EXPECT_EQ(read_pid_file(folder_ / "p.pid"), *process);
  EXPECT_EQ(getsid(process->pid), process->pid);  // a Ctrl-C of ours does not reach it
  EXPECT_TRUE(stop_process(*process, std::chrono::seconds(10)).ok());
  EXPECT_FALSE(is_alive(*process));
  EXPECT_FALSE(read_pid_file(folder_ / "p.pid").has_value());
  EXPECT_TRUE(stop_process(*process, std::chrono::seconds(10)).ok());
}

TEST_F(ProcessesTest, KillsWhatDoesNotListen) {
  const auto process = start("trap '' TERM; echo ready; while :; do sleep 60; done");
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(first_line(), "ready");
  EXPECT_TRUE(stop_process(*process, std::chrono::milliseconds(50)).ok());
  EXPECT_FALSE(is_alive(*process));
}

TEST_F(ProcessesTest, NeverTakesAnotherProcessForIt) {
  const auto process = start("exec sleep 60");
  ASSERT_TRUE(process.ok());
  const ProcessId recycled{process->pid, process->started + 1};
  EXPECT_FALSE(is_alive(recycled));
  EXPECT_TRUE(stop_process(recycled, std::chrono::seconds(1)).ok());
  EXPECT_TRUE(is_alive(*process));
}

TEST_F(ProcessesTest, SaysWhichProgramIsMissing) {
  const auto process = start_process({"tandem-no-such-program", {}, {}, folder_ / "p.log", folder_ / "p.pid"});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.code(), Code::kNotFound);
  EXPECT_EQ(process.error().violations.at(0).field, "tandem-no-such-program");
}

TEST_F(ProcessesTest, TheFolderOfALastingInstallationIsNotWipedOut) {
  UpOptions options;
  options.folder = folder_ / "home";
  options.bus = "kafka";
  options.kafka = "127.0.0.1:1";
  const auto first = open_installation(options);
  ASSERT_TRUE(first.ok());
  EXPECT_GE(first->identity_key.size(), 16u);
  const auto mode = std::filesystem::status(options.folder / "identity.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(save_installation(options.folder, *first).ok());
  const auto again = open_installation(options);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->identity_key, first->identity_key);
  EXPECT_FALSE(again->begins_anew);
  // Without a word it goes on as it was.
  UpOptions silent;
  silent.folder = options.folder;
  const auto the_same = open_installation(silent);
  ASSERT_TRUE(the_same.ok());
  EXPECT_EQ(the_same->id, first->id);
  EXPECT_EQ(the_same->bus, "kafka");
  EXPECT_EQ(the_same->kafka, "127.0.0.1:1");
  EXPECT_EQ(the_same->shards, 16u);
  options.shards = 8;
  EXPECT_EQ(open_installation(options).code(), Code::kFailedPrecondition);
  options.shards = 0;
  options.bus = "embedded";
  options.kafka = "";
  EXPECT_EQ(open_installation(options).code(), Code::kFailedPrecondition);
}

TEST_F(ProcessesTest, AnInstallationWithAKafkaOfItsOwnTakesNoOther) {
  UpOptions options;
  options.folder = folder_ / "home";
  options.bus = "kafka";
  const auto first = open_installation(options);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->runs_broker());
  EXPECT_TRUE(first->begins_anew);
  EXPECT_TRUE(open_installation(options)->begins_anew) << "it has not come up yet";
  ASSERT_TRUE(save_installation(options.folder, *first).ok());
  EXPECT_FALSE(open_installation(options)->begins_anew);
  options.redis = 3;
  EXPECT_EQ(open_installation(options).code(), Code::kFailedPrecondition) << "shards stay where they are";
  options.redis = 0;
  options.kafka = "127.0.0.1:1";
  EXPECT_EQ(open_installation(options).code(), Code::kFailedPrecondition);
}

TEST_F(ProcessesTest, TheEmbeddedBusBeginsAnew) {
  UpOptions options;
  options.folder = folder_ / "home";
  const auto first = open_installation(options);
  ASSERT_TRUE(first.ok() && save_installation(options.folder, *first).ok());
  const auto second = open_installation(options);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->id, second->id);
  EXPECT_TRUE(second->begins_anew);
}

TEST_F(ProcessesTest, AFailedStartLeavesNothingRunningAndShowsTheLog) {
  UpOptions options;
  options.folder = folder_ / "home";
  options.programs = folder_;
  std::ofstream(folder_ / "tandem-broker") << "#!/bin/sh\necho the port is taken\nexit 1\n";
  std::filesystem::permissions(folder_ / "tandem-broker", std::filesystem::perms::owner_all);
  std::string said;
  options.say = [&](const std::string& line) { said += line + "\n"; };
  const auto outcome = bring_up(options);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().violations.at(0).field, "broker");
  EXPECT_NE(said.find("the port is taken"), std::string::npos) << said;
  for (const Part& part : parts_of(options.folder)) EXPECT_FALSE(part.alive) << part.name;
}

}  // namespace
}  // namespace tandem::cli
