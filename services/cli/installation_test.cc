#include "services/cli/installation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

class InstallationTest : public ::testing::Test {
 protected:
  InstallationTest() {
    char name[] = "/tmp/tandem-installation-test-XXXXXX";
    options_.folder = mkdtemp(name);
    options_.bus = "kafka";
    options_.kafka = "127.0.0.1:1";
  }
  ~InstallationTest() override { std::filesystem::remove_all(options_.folder); }

  std::filesystem::path key_file() const { return options_.folder / "identity.key"; }
  // As after it has come up.
  Installation up() {
    const auto made = open_installation(options_);
    EXPECT_TRUE(made.ok() && save_installation(options_.folder, *made).ok());
    return *made;
  }
  void expect_refused(const Result<Installation>& refused, const std::string& remedy) {
    ASSERT_EQ(refused.code(), Code::kFailedPrecondition);
    EXPECT_EQ(refused.error().violations.at(0).field, key_file().string());
    EXPECT_THAT(refused.error().violations.at(0).remedy, HasSubstr(remedy));
  }

  UpOptions options_;
};

TEST_F(InstallationTest, OneThatLastsDrawsNoSecondIdentityKey) {
  const Installation first = up();
  std::filesystem::remove(key_file());
  expect_refused(open_installation(options_), "restore it from the backup");
  expect_refused(saved_installation(options_.folder), "restore it from the backup");
  EXPECT_FALSE(std::filesystem::exists(key_file()));

  std::ofstream(key_file()) << first.identity_key << "\n";  // the backup
  EXPECT_EQ(open_installation(options_)->identity_key, first.identity_key);
}

TEST_F(InstallationTest, AnIdentityKeyThatIsCutShortIsNotTakenForOne) {
  up();
  std::ofstream(key_file()) << "abc\n";
  expect_refused(open_installation(options_), "restore it from the backup");
}

TEST_F(InstallationTest, OneThatHasNotComeUpYetMayDrawItAgain) {
  ASSERT_TRUE(open_installation(options_).ok());
  std::filesystem::remove(key_file());
  EXPECT_TRUE(open_installation(options_).ok());
}

TEST_F(InstallationTest, OnTheEmbeddedBusItBeginsAnewAndIsNotRepairedWithAnotherKey) {
  options_.bus = "embedded";
  options_.kafka = "";
  up();
  std::filesystem::remove(key_file());
  expect_refused(saved_installation(options_.folder), "tandem down, then tandem up");
  EXPECT_TRUE(open_installation(options_).ok());
}

}  // namespace
}  // namespace tandem::cli
