// How long `tandem up` waits for a service: one that says that it gets on has longer. The services are scripts.
#include "services/cli/start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "shared/runtime/logging.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

class StartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "tandem-start-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    options_.folder = options_.programs = pattern;
    options_.patience = std::chrono::seconds(2);
    options_.say = [this](const std::string& line) { said_ += line + "\n"; };
    std::filesystem::create_directories(log_file(pattern, "sales").parent_path());
    std::filesystem::create_directories(pid_file(pattern, "sales").parent_path());
  }
  void TearDown() override {
    if (const auto process = read_pid_file(pid_file(options_.folder, "sales"))) kill(process->pid, SIGKILL);
    std::filesystem::remove_all(options_.folder);
  }

  // Starts sales, which says `words` with a number that grows, for four seconds, and is ready then.
  Status start(const std::string& words) {
    const auto program = options_.programs / "tandem-sales";
    const std::string line = runtime::log_line(runtime::Level::kWarning, words, {{"seconds", "$i"}}, "sales", "now");
    std::ofstream(program) << "#!/bin/sh\n"
                           << "i=0\n"
                           << "while [ $i -lt 40 ]; do\n"
                           << "  i=$((i + 1)); sleep 0.1\n"
                           << "  cat <<END\n"
                           << line << "\nEND\ndone\n"
                           << "echo '{\"grpc\": \"here\"}' > \"$TANDEM_READY_FILE\"\n"
                           << "exec sleep 60\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return Start(options_, {}).services({"sales"}, {});
  }

  UpOptions options_;
  std::string said_;
};

TEST_F(StartTest, AServiceThatHealsAndGetsOnHasLonger) {
  const Status started = start(std::string(runtime::kHealingMoves));
  EXPECT_TRUE(started.ok()) << to_line(started.error());
  EXPECT_THAT(said_, HasSubstr("sales takes longer, and gets on: its shards are healed from the log, "));
}

TEST_F(StartTest, AServiceThatSaysSomethingElseHasNot) {
  const Status started = start("healed");
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(to_line(started.error()), HasSubstr("is not ready after 2 s"));
}

}  // namespace
}  // namespace tandem::cli
