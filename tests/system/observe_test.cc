// Tandem seen from outside: what `tandem doctor` says while Redis is away, and that the alarms of deploy/prometheus
// name metrics that services really have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "shared/base/text.h"
#include "tests/system/command_line.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

std::string content(const std::string& path) {
  std::ifstream in(std::string(TANDEM_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

// What an expression picks: `tandem_x{a="b"}` is the name and `a="b"`.
struct Selector {
  std::string metric;
  std::string labels;
  bool operator<(const Selector& other) const {
    return std::tie(metric, labels) < std::tie(other.metric, other.labels);
  }
};

std::set<Selector> selectors_of(const std::string& rules) {
  static const std::regex kSelector(R"((tandem_\w+)(?:\{([^}]*)\})?)");
  std::set<Selector> found;
  for (const std::string& line : split(rules, '\n')) {
    const std::string text(trim(line));
    if (!text.starts_with("expr:")) continue;
    for (std::sregex_iterator it(text.begin(), text.end(), kSelector), end; it != end; ++it) {
      found.insert({(*it)[1].str(), (*it)[2].str()});
    }
  }
  return found;
}

bool has(const std::string& metrics, const Selector& wanted) {
  for (const std::string& line : split(metrics, '\n')) {
    if (line.starts_with(wanted.metric + "{") && line.find(wanted.labels) != std::string::npos) return true;
  }
  return false;
}

class ObserveTest : public ::testing::Test {
 protected:
  std::set<std::string> kinds() {
    const auto ran = line_.run({"doctor", "--output", "json"});
    std::set<std::string> kinds;
    const auto document = nlohmann::json::parse(ran.out);
    for (const auto& finding : document.at("findings")) kinds.insert(finding.at("kind").get<std::string>());
    return kinds;
  }
  bool well() { return line_.run({"doctor"}).status == 0; }

  Installation tandem_;
  CommandLine line_{tandem_};
};

TEST_F(ObserveTest, TheDoctorNamesARedisThatIsDownAndIsContentWhenItIsBack) {
  Company company(tandem_);
  company.define();
  ASSERT_TRUE(eventually([&] { return well(); })) << line_.run({"doctor"}).out;
  EXPECT_THAT(line_.run({"doctor"}).out, HasSubstr("all is well: 4 services, 1 Redis"));

  tandem_.redis().kill9();
  ASSERT_TRUE(eventually([&] {
    const auto sales = tandem_.status("sales");
    return sales.ok() && !sales->troubles().empty();
  }));
  const std::string redis_is_down = R"(tandem_troubles{kind="store_down",service="sales"} 1)";
  EXPECT_TRUE(eventually([&] {
    const std::string metrics = tandem_.admin_page("sales", "/metrics").second;
    return metrics.find("tandem_shards_unreconciled{service=\"sales\"} 0\n") == std::string::npos &&
           metrics.find(redis_is_down) != std::string::npos;
  })) << "TandemRedisDown hangs on it";
  const auto down = line_.run({"doctor"});
  EXPECT_EQ(down.status, 1);
  EXPECT_THAT(down.out, HasSubstr("1. redis " + tandem_.redis().host() + ":" + std::to_string(tandem_.redis().port()) +
                                  " does not answer"));
  EXPECT_THAT(down.err, HasSubstr("one thing is wrong")) << "what follows from it is left out: " << down.out;
  EXPECT_EQ(kinds(), std::set<std::string>{"redis-down"});

  tandem_.redis().restart();
  EXPECT_TRUE(eventually([&] { return well(); }, seconds(40))) << line_.run({"doctor"}).out;
}

TEST_F(ObserveTest, TheDoctorSaysWhichServiceIsDown) {
  tandem_.kill9("crm");
  const auto down = line_.run({"doctor"});
  EXPECT_EQ(down.status, 1);
  EXPECT_THAT(down.out, HasSubstr("1. crm does not answer"));
  EXPECT_EQ(kinds(), std::set<std::string>{"service-down"});
}

TEST_F(ObserveTest, EveryMetricThatAnAlarmNamesIsThere) {
  const auto selectors = selectors_of(content("deploy/prometheus/alarms.yml"));
  EXPECT_GT(selectors.size(), 20u);
  for (const std::string& service : tandem_.services()) {
    std::string metrics;
    ASSERT_TRUE(eventually([&] {
      metrics = tandem_.admin_page(service, "/metrics").second;
      return has(metrics, {"tandem_ready", ""});
    }));
    for (const Selector& wanted : selectors) {
      EXPECT_TRUE(has(metrics, wanted)) << service << " has no " << wanted.metric << "{" << wanted.labels << "}";
    }
  }
}

TEST_F(ObserveTest, WhatWasDoneCanBeSeen) {
  Company company(tandem_);
  company.define();
  company.done(company.person("ada@example.com"));
  ASSERT_TRUE(tandem_.settle());
  const auto marketing = tandem_.status("marketing");
  ASSERT_TRUE(marketing.ok());
  const auto& work = marketing->work();
  EXPECT_GT(work.batches(), 0u);
  EXPECT_GE(work.commands(), work.batches());
  EXPECT_GT(work.commits(), 0u);
  EXPECT_GT(work.commit_microseconds(), 0u);
  EXPECT_EQ(work.published(), marketing->events());
  EXPECT_GT(work.relay_microseconds(), 0u);
  EXPECT_GE(work.leases_taken(), tandem_.shards());
  EXPECT_TRUE(eventually([&] { return !tandem_.status("marketing")->has_behind_since(); }));
  EXPECT_FALSE(marketing->version().empty());
  const std::string metrics = tandem_.admin_page("marketing", "/metrics").second;
  EXPECT_THAT(metrics, HasSubstr("tandem_relay_seconds_count{service=\"marketing\"}"));
  EXPECT_THAT(line_.run({"status"}).out, HasSubstr("CONFLICTS"));
}

}  // namespace
}  // namespace tandem::testing
