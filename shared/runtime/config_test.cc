#include "shared/runtime/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "shared/runtime/logging.h"

namespace tandem::runtime {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  ~ConfigTest() override { std::remove(file_.c_str()); }

  Result<Config> load(const std::string& yaml) {
    std::ofstream(file_) << yaml;
    return load_config(file_, [this](const std::string& name) -> std::optional<std::string> {
      auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    });
  }

  std::string file_ =
      ::testing::TempDir() + "config_test_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml";
  std::map<std::string, std::string> environment_ = {{"TANDEM_IDENTITY_KEY", "0123456789abcdef"}};
};

TEST_F(ConfigTest, TheEnvironmentGoesOverTheFile) {
  environment_["TANDEM_SHARDS"] = "4";
  const auto config = load("shards: 8\nlisten: 127.0.0.1:7001\nredis: [127.0.0.1:1, 127.0.0.1:2]\n");
  ASSERT_TRUE(config.ok()) << to_line(config.error());
  EXPECT_EQ(config->shards, 4u);
  EXPECT_EQ(config->listen, "127.0.0.1:7001");
  EXPECT_EQ(config->redis, (std::vector<std::string>{"127.0.0.1:1", "127.0.0.1:2"}));
}

TEST_F(ConfigTest, AllThatIsWrongIsSaidAtOnce) {
  const auto config = load("shard: 8\nbus: rabbit\nshards: 0\n");
  ASSERT_FALSE(config.ok());
  ASSERT_EQ(config.error().violations.size(), 3u);
  std::map<std::string, std::string> remedies;
  for (const Violation& v : config.error().violations) remedies[v.field] = v.remedy;
  EXPECT_EQ(remedies.at("shard"), "did you mean shards?");
  EXPECT_EQ(remedies.at("bus"), "write one of kafka embedded");
  EXPECT_EQ(remedies.at("shards"), "write a whole number from 1 to 1024");
}

TEST_F(ConfigTest, WithoutAnIdentityKeyNothingStarts) {
  environment_.clear();
  const auto config = load("");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().violations.at(0).field, "identity_key");
}

TEST_F(ConfigTest, AFileThatIsNoYamlIsAnErrorInWords) {
  EXPECT_EQ(load("a: [1").error().violations.at(0).field, "config");
  EXPECT_EQ(load("just text").error().violations.at(0).field, "config");
}

TEST_F(ConfigTest, PrintedSettingsHideSecretsAndCanBeReadAgain) {
  const std::string yaml = load("shards: 8\n")->to_yaml();
  EXPECT_NE(yaml.find("shards: 8"), std::string::npos) << yaml;
  EXPECT_EQ(yaml.find("0123456789abcdef"), std::string::npos) << yaml;
  EXPECT_EQ(load(yaml)->shards, 8u);
}

TEST(LogLine, IsJsonWhateverTheTextIs) {
  EXPECT_EQ(
      log_line(Level::kInfo, "a \"b\"\n", {{"id", "x\xff"}}, "sales", "2026-10-05T13:00:00Z"),
      "{\"time\":\"2026-10-05T13:00:00Z\",\"level\":\"info\",\"service\":\"sales\",\"message\":\"a \\\"b\\\"\\n\","
      "\"id\":\"x\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace tandem::runtime
