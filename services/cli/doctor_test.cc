// Each state in which an installation can be, and what is said of it.
#include "services/cli/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/aggregate/convert.h"
#include "shared/bus/topics.h"

namespace tandem::cli {
namespace {

using runtime::v1::ServiceStatus;
using runtime::v1::TroubleKind;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Instant kNow{std::chrono::hours(490'000)};

ServiceReport well(const std::string& name) {
  ServiceStatus status;
  status.set_service(name.substr(0, name.find('.')));
  status.set_installation("acme");
  status.set_version("1.0.0");
  status.set_ready(true);
  *status.mutable_now() = to_timestamp(kNow);
  return {name, name.find('.') == std::string::npos, "127.0.0.1:1", status, {}, {}};
}

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    checkup_.installation = "acme";
    checkup_.bus = {"127.0.0.1:9092", false, "", std::nullopt, {}};
    checkup_.redis.emplace_back();
    checkup_.redis[0].health.endpoint = "127.0.0.1:6379";
    checkup_.redis[0].health.reachable = true;
    checkup_.services = {well("sales"), well("sales.2"), well("crm")};
    checkup_.disk = Checkup::Disk{"/srv/tandem", 50ull << 30, 100ull << 30};
  }

  std::vector<std::string> kinds() const {
    std::vector<std::string> kinds;
    for (const Finding& finding : diagnose(checkup_)) kinds.push_back(finding.kind);
    return kinds;
  }
  // The only one that there must be.
  Finding only() const {
    const auto findings = diagnose(checkup_);
    EXPECT_EQ(findings.size(), 1u) << ::testing::PrintToString(kinds());
    if (findings.empty()) return {};
    EXPECT_FALSE(findings[0].to_do.empty());
    return findings[0];
  }
  ServiceStatus& sales() { return *checkup_.services[0].status; }
  ServiceStatus& second_sales() { return *checkup_.services[1].status; }
  static void trouble(ServiceStatus& status, TroubleKind kind, const std::string& words) {
    status.add_troubles(words);
    status.add_trouble_kinds(kind);
  }
  void redis_down(const std::string& last_words = "") {
    checkup_.redis[0].health.reachable = false;
    checkup_.redis[0].health.problems = {"Connection refused"};
    checkup_.redis[0].last_words = last_words;
  }
  void kafka_down() { checkup_.bus.no_answer = make_error(Code::kUnavailable, "timed out"); }

  Checkup checkup_;
};

TEST_F(DoctorTest, WhereAllIsWellNothingIsSaid) { EXPECT_THAT(diagnose(checkup_), IsEmpty()); }

TEST_F(DoctorTest, AServiceIsDown) {
  checkup_.services[0] = {"sales", true, "127.0.0.1:1", std::nullopt, {"does not answer (refused)"}, {}};
  checkup_.last_words["sales"] = "topic tandem.sales.events has 3 partitions";
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "service-down");
  EXPECT_EQ(finding.subject, "sales");
  EXPECT_THAT(finding.what, HasSubstr("does not answer (refused); its log ends with: topic tandem.sales.events has 3"));
  EXPECT_THAT(finding.to_do, HasSubstr("tandem up"));
}

TEST_F(DoctorTest, AServiceIsNotReady) {
  sales().set_ready(false);
  EXPECT_EQ(only().kind, "service-not-ready");
}

TEST_F(DoctorTest, RedisIsDownAndWhatFollowsFromItIsLeftOut) {
  redis_down();
  for (ServiceReport& report : checkup_.services) {
    trouble(*report.status, runtime::v1::TROUBLE_KIND_STORE_DOWN, "Redis does not answer");
    trouble(*report.status, runtime::v1::TROUBLE_KIND_SHARD_UNRECONCILED, "4 shards");
    trouble(*report.status, runtime::v1::TROUBLE_KIND_BUS, "bus: shard 1 does not serve");
  }
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "redis-down");
  EXPECT_EQ(finding.subject, "redis 127.0.0.1:6379");
  EXPECT_THAT(finding.what, HasSubstr("Connection refused"));
  EXPECT_THAT(finding.to_do, HasSubstr("what was published is on Kafka"));
}

TEST_F(DoctorTest, WithTheEmbeddedBusItIsSaidThatNothingIsKept) {
  checkup_.bus.embedded = true;
  redis_down();
  EXPECT_THAT(only().to_do, HasSubstr("without data"));
}

TEST_F(DoctorTest, RedisStoppedBecauseItsDiskIsFull) {
  redis_down("Error writing to the AOF: No space left on device");
  EXPECT_THAT(only().to_do, HasSubstr("make room on its disk first"));
}

TEST_F(DoctorTest, RedisRefusesWrites) {
  checkup_.redis[0].health.refuses_writes = true;
  checkup_.redis[0].health.problems = {"the last write of its append-only file failed: is the disk full?"};
  trouble(sales(), runtime::v1::TROUBLE_KIND_STORE_WRITES, "store: the last write failed");
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "redis-writes");
  EXPECT_THAT(finding.what, HasSubstr("is the disk full?"));
}

TEST_F(DoctorTest, RedisIsNotSetUpAsItMustBe) {
  checkup_.redis[0].health.problems = {"appendfsync is everysec"};
  EXPECT_EQ(only().kind, "redis-settings");
}

TEST_F(DoctorTest, AServiceDoesNotReachARedisThatAnswers) {
  trouble(second_sales(), runtime::v1::TROUBLE_KIND_STORE_DOWN, "no route");
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "redis-away");
  EXPECT_EQ(finding.subject, "sales.2");
}

TEST_F(DoctorTest, ShardsAreBeingHealed) {
  trouble(sales(), runtime::v1::TROUBLE_KIND_SHARD_UNRECONCILED, "16 shards are not reconciled with their log");
  trouble(second_sales(), runtime::v1::TROUBLE_KIND_SHARD_UNRECONCILED, "16 shards are not reconciled with their log");
  const Finding finding = only();  // of both replicas
  EXPECT_EQ(finding.kind, "healing");
  EXPECT_THAT(finding.to_do, HasSubstr("by themselves"));
}

TEST_F(DoctorTest, AShardIsRefused) {
  const std::string reasons[] = {
      "shard 3 does not serve: FAILED_PRECONDITION: it holds events of the installation \"b\"",
      "shard 4 does not serve: FAILED_PRECONDITION: it ends at offset 3, but Redis has published up to 9",
      "shard 5 does not serve: FAILED_PRECONDITION: the two have gone different ways"};
  for (const std::string& reason : reasons) trouble(sales(), runtime::v1::TROUBLE_KIND_SHARD_REFUSED, reason);
  const auto findings = diagnose(checkup_);
  ASSERT_EQ(findings.size(), 3u);
  for (size_t i = 0; i < 3; i++) {
    EXPECT_EQ(findings[i].kind, "shard-refused");
    EXPECT_EQ(findings[i].what, reasons[i]);
    EXPECT_THAT(findings[i].to_do, HasSubstr("do not belong together"));
  }
}

TEST_F(DoctorTest, KafkaIsDownAndWhatWaitsForItIsNamed) {
  kafka_down();
  trouble(sales(), runtime::v1::TROUBLE_KIND_UNPUBLISHED, "7 events are unpublished, the oldest for 30 s");
  trouble(sales(), runtime::v1::TROUBLE_KIND_BUS, "bus: all brokers are down");
  trouble(sales(), runtime::v1::TROUBLE_KIND_UNASSIGNED, "no events are read");
  EXPECT_THAT(kinds(), ElementsAre("kafka-down", "unpublished"));
  EXPECT_THAT(diagnose(checkup_)[1].to_do, HasSubstr("only Redis has these events"));
}

TEST_F(DoctorTest, ATopicHasWrongSettings) {
  checkup_.bus.topics.push_back(
      make_error(Code::kFailedPrecondition, "topic tandem.sales.events", "has 3 partitions", "set shards"));
  EXPECT_EQ(only(), (Finding{"topic", "topic tandem.sales.events", "has 3 partitions", "set shards"}));
}

TEST_F(DoctorTest, TheCommandThatMendsATopicCanBeCalledAsItIsShown) {
  checkup_.bus.topics.push_back(make_error(Code::kFailedPrecondition, "topic t", "does not keep events for ever",
                                           std::string(bus::kConfigsCommand) + " --alter --topic t"));
  EXPECT_EQ(only().to_do, "kafka-configs.sh --bootstrap-server 127.0.0.1:9092 --alter --topic t");
  checkup_.bus.configs_tool = "/srv/kafka/program/kafka.sh tool configs";
  EXPECT_EQ(only().to_do,
            "/srv/kafka/program/kafka.sh tool configs --bootstrap-server 127.0.0.1:9092 --alter --topic t");
}

TEST_F(DoctorTest, ATopicIsMissing) {
  checkup_.bus.topics.push_back(make_error(Code::kNotFound, "There is no topic tandem.sales.events."));
  EXPECT_THAT(only().what, HasSubstr("no topic tandem.sales.events"));
  EXPECT_THAT(only().to_do, HasSubstr("tandem up --restart"));
}

TEST_F(DoctorTest, APartitionStandsStillBecauseEventsAreMissing) {
  sales().add_stopped("marketing/2: DATA_LOSS: Events are missing in tandem.marketing.events[2]");
  *sales().mutable_behind_since() = to_timestamp(kNow - seconds(600));
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "partition-stopped");
  EXPECT_THAT(finding.what, HasSubstr("marketing/2"));
  EXPECT_THAT(finding.to_do, HasSubstr("tandem up --restart sales"));
}

TEST_F(DoctorTest, CommandsAreParkedAndBothReplicasSaySoOnce) {
  sales().set_parked(1'200);
  second_sales().set_parked(1'200);
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "parked");
  EXPECT_THAT(finding.what, HasSubstr("1,200 aggregates"));
  EXPECT_THAT(finding.to_do, HasSubstr("tandem parked list"));
}

TEST_F(DoctorTest, EventsAreUnpublishedThoughKafkaAnswers) {
  trouble(sales(), runtime::v1::TROUBLE_KIND_UNPUBLISHED, "7 events are unpublished, the oldest for 30 s");
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "unpublished");
  EXPECT_THAT(finding.to_do, HasSubstr("Kafka answers"));
}

TEST_F(DoctorTest, TheGroupGivesNoAnswer) {
  trouble(sales(), runtime::v1::TROUBLE_KIND_UNASSIGNED, "no events are read for 40 s");
  EXPECT_EQ(only().kind, "no-partitions");
}

TEST_F(DoctorTest, TheBrokersReportAnError) {
  trouble(sales(), runtime::v1::TROUBLE_KIND_BUS, "bus: leader not available");
  EXPECT_EQ(only().kind, "bus-error");
}

TEST_F(DoctorTest, AServiceIsFarBehind) {
  sales().set_lag(5'000);
  *sales().mutable_behind_since() = to_timestamp(kNow - seconds(60));
  EXPECT_THAT(diagnose(checkup_), IsEmpty()) << "a minute is no trouble";
  *sales().mutable_behind_since() = to_timestamp(kNow - seconds(61));
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "behind");
  EXPECT_THAT(finding.what, HasSubstr("5,000 events behind, the oldest for 61 s"));
}

TEST_F(DoctorTest, TheDiskIsNearlyFull) {
  checkup_.disk = Checkup::Disk{"/srv/tandem", 500ull << 20, 100ull << 30};
  EXPECT_EQ(only().kind, "disk-full");
  EXPECT_THAT(only().what, HasSubstr("500 MB left"));
  checkup_.disk = Checkup::Disk{"/srv/tandem", 500ull << 20, 1ull << 30};
  EXPECT_THAT(diagnose(checkup_), IsEmpty()) << "half of a small one is free";
}

TEST_F(DoctorTest, AClockIsFarOff) {
  checkup_.services[0].clock_ahead = seconds(-2);
  EXPECT_THAT(diagnose(checkup_), IsEmpty());
  checkup_.services[0].clock_ahead = seconds(-90);
  EXPECT_THAT(only().what, HasSubstr("90 s behind this one's"));
  checkup_.services[0].clock_ahead = seconds(90);
  EXPECT_THAT(only().what, HasSubstr("90 s ahead of this one's"));
  EXPECT_EQ(only().kind, "clock");
}

TEST_F(DoctorTest, ReplicasAreOfUnequalVersions) {
  second_sales().set_version("1.1.0");
  const Finding finding = only();
  EXPECT_EQ(finding.kind, "versions");
  EXPECT_EQ(finding.subject, "sales");
  EXPECT_THAT(finding.what, HasSubstr("1.0.0, 1.1.0"));
}

TEST_F(DoctorTest, AnotherInstallationAnswers) {
  sales().set_installation("other");
  EXPECT_EQ(only().kind, "other-installation");
}

TEST_F(DoctorTest, ATroubleThatThisProgramDoesNotKnowIsSaidAllTheSame) {
  sales().add_troubles("something new");  // of a newer service
  sales().add_trouble_kinds(static_cast<TroubleKind>(99));
  EXPECT_THAT(only().what, HasSubstr("something new"));
}

TEST_F(DoctorTest, CausesStandFirst) {
  redis_down();
  kafka_down();
  checkup_.services[0].status.reset();
  checkup_.services[0].wrong = {"does not answer"};
  EXPECT_THAT(kinds(), ElementsAre("redis-down", "kafka-down", "service-down"));
  EXPECT_THAT(diagnose(checkup_)[2].to_do, HasSubstr("first put right what stands above"));
}

}  // namespace
}  // namespace tandem::cli
