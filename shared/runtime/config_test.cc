#include "shared/runtime/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/runtime/logging.h"

namespace tandem::runtime {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  ~ConfigTest() override { std::remove(file_.c_str()); }

  Result<Config> load(const std::string& yaml) {
    std::ofstream(file_) << yaml;
    return load_config(file_, environment_);
  }

  std::string file_ =
      ::testing::TempDir() + "config_test_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml";
  Environment environment_ = {{"TANDEM_IDENTITY_KEY", "0123456789abcdef"}};
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

TEST_F(ConfigTest, AKeyThatIsNoNameIsAnErrorInWords) {
  for (const char* yaml : {"shards: 4\n? {a: b}\n: 5\n", "shards: 4\n? [a, b]\n: 5\n", "shards: 4\n~: 5\n"}) {
    const auto config = load(yaml);
    ASSERT_FALSE(config.ok()) << yaml;
    EXPECT_EQ(config.error().violations.at(0).reason, "file " + file_ + " has a key that is no name, in line 2");
  }
}

TEST_F(ConfigTest, AVariableThatLooksLikeASettingMisspeltIsSaid) {
  for (const auto& [variable, meant] : {std::pair{"TANDEM_KAFAK", "TANDEM_KAFKA"},
                                        {"TANDEM_SHARD", "TANDEM_SHARDS"},
                                        {"TANDEM_shards", "TANDEM_SHARDS"},
                                        {"TANDEM_SESION_MS", "TANDEM_SESSION_MS"}}) {
    environment_ = {{"TANDEM_IDENTITY_KEY", "0123456789abcdef"}, {variable, "4"}};
    const auto config = load("");
    ASSERT_FALSE(config.ok()) << variable;
    EXPECT_EQ(config.error().violations,
              (std::vector<Violation>{{variable, "is not a setting", std::string("did you mean ") + meant + "?"}}));
  }
}

TEST_F(ConfigTest, VariablesOfOtherProgramsMayBeginAlike) {
  for (const char* variable : {"TANDEM_HOME", "TANDEM_TEST_BUS", "TANDEM_TOOTH", "TANDEM_OLIST", "TANDEM_CACHE",
                               "TANDEM_KAFKA_JVM", "TANDEM_UPDATE_GOLDEN", "TANDEM_"}) {
    environment_[variable] = "x";
  }
  const auto config = load("");
  EXPECT_TRUE(config.ok()) << to_line(config.error());
}

TEST(ProcessEnvironment, HasTheVariablesThatBeginWithTandem) {
  setenv("TANDEM_OF_THIS_TEST", "a=b", 1);
  setenv("OTHER_OF_THIS_TEST", "c", 1);
  const Environment variables = process_environment();
  EXPECT_EQ(variables.at("TANDEM_OF_THIS_TEST"), "a=b");
  EXPECT_FALSE(variables.contains("OTHER_OF_THIS_TEST"));
  unsetenv("TANDEM_OF_THIS_TEST");
  unsetenv("OTHER_OF_THIS_TEST");
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
