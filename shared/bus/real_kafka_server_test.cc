// Topics, producer, relay and subscription on a real Kafka node, which each test starts for itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <filesystem>
#include <thread>

#include "shared/bus/bus_server_testing.h"
#include "shared/bus/kafka_batch_testing.h"
#include "shared/bus/topics.h"
#include "tests/support/kafka_server.h"

namespace tandem::bus {
namespace {

using ::tandem::testing::KafkaServer;
using ::testing::HasSubstr;

const std::string kTopic = "tandem.sales.events";

struct RealKafkaTest : BusServerTest {
  KafkaOptions options(const KafkaServer& kafka) {
    KafkaOptions options;
    options.bootstrap_servers = kafka.bootstrap_servers();
    return options;
  }
  static void make_topics(KafkaLog& log) {
    const auto admin = log.make_admin().value();
    const std::string sources[] = {"sales"};
    const Status made = prepare_topics(*admin, "sales", sources, kShards, kPatience);
    ASSERT_TRUE(made.ok()) << to_line(made.error());
  }
};

// A topic that somebody else made, with settings of his own.
void make_foreign_topic(const std::string& brokers, const std::string& topic, int partitions,
                        const std::map<std::string, std::string>& settings) {
  char text[512] = {};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  ASSERT_EQ(rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text), RD_KAFKA_CONF_OK);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  ASSERT_NE(handle, nullptr) << text;
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text, sizeof text);
  for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_CreateTopics(handle, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  ASSERT_NE(event, nullptr);
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(rd_kafka_topic_result_error(results[0]), RD_KAFKA_RESP_ERR_NO_ERROR) << topic;
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(handle);
}

TEST_F(RealKafkaTest, TopicsAreMadeAsTheyMustBeAndOthersAreRefused) {
  KafkaServer kafka;
  KafkaLog log(options(kafka));
  make_topics(log);
  const auto admin = log.make_admin().value();
  for (const char* name : {"tandem.sales.events", "tandem.sales.dead-letters"}) {
    const auto topic = admin->describe(name, kPatience);
    ASSERT_TRUE(topic.ok()) << to_line(topic.error());
    EXPECT_EQ(topic->partitions, kShards) << name;
    EXPECT_EQ(topic->cleanup_policy, "delete") << name;
    EXPECT_EQ(topic->retention_ms, -1) << name;
    EXPECT_EQ(topic->retention_bytes, -1) << name;
  }
  make_topics(log);  // there already: only checked

  const auto refusal = [&](const std::string& service, int partitions,
                           const std::map<std::string, std::string>& settings) {
    make_foreign_topic(kafka.bootstrap_servers(), "tandem." + service + ".events", partitions, settings);
    const std::string sources[] = {service};
    const Status status = prepare_topics(*admin, service, sources, kShards, kPatience);
    EXPECT_EQ(status.code(), Code::kFailedPrecondition) << service;
    return status.ok() ? "" : to_line(status.error());
  };
  EXPECT_THAT(refusal("many", 7, {}), HasSubstr("has 7 partitions, but the installation has 4 shards"));
  EXPECT_THAT(refusal("compacted", kShards, {{"cleanup.policy", "compact"}, {"retention.ms", "-1"}}),
              HasSubstr("--add-config cleanup.policy=delete"));
  EXPECT_THAT(refusal("both", kShards, {{"cleanup.policy", "compact,delete"}}), HasSubstr("would take events away"));
  EXPECT_THAT(refusal("aged", kShards, {{"retention.ms", "604800000"}}), HasSubstr("does not keep events for ever"));
  EXPECT_THAT(refusal("small", kShards, {{"retention.bytes", "1000000"}}), HasSubstr("retention.bytes=-1"));
}

// Whoever names a topic that is not there must not make one, with the broker's own number of partitions.
TEST_F(RealKafkaTest, NoTopicIsMadeByAskingForIt) {
  KafkaServer kafka({"auto.create.topics.enable=true"});
  KafkaLog log(options(kafka));
  const auto admin = log.make_admin().value();
  EXPECT_EQ(admin->describe(kTopic, kPatience).code(), Code::kNotFound);
  const std::string topics[] = {kTopic};
  EXPECT_EQ(log.make_writer().value()->warm(topics, kPatience).code(), Code::kNotFound);
  auto reader = log.make_reader({}).value();
  ASSERT_TRUE(reader->subscribe({kTopic}, "tandem.crm").ok());
  for (int i = 0; i < 20; ++i) reader->poll(Millis(50));
  EXPECT_EQ(admin->describe(kTopic, kPatience).code(), Code::kNotFound);
}

// The first message of a new producer has to wait for the broker's coordinator, up to seconds: that is paid by warm().
// And librdkafka#4956: batches went out uncompressed, and nothing said so.
TEST_F(RealKafkaTest, AWarmProducerHasItsIdAndCompresses) {
  KafkaServer kafka;
  KafkaOptions debugging = options(kafka);
  std::mutex mutex;
  std::string said;
  debugging.settings["debug"] = "feature,eos";
  debugging.on_log = [&](int, const std::string& line) {
    std::lock_guard lock(mutex);
    said += line + "\n";
  };
  auto lines = [&] {
    std::lock_guard lock(mutex);
    return said;
  };
  KafkaLog log(debugging);
  make_topics(log);
  auto writer = log.make_writer().value();
  EXPECT_THAT(lines(), ::testing::Not(HasSubstr("Acquired ProducerId")));
  const std::string topics[] = {kTopic};
  ASSERT_TRUE(writer->warm(topics, kPatience).ok());
  EXPECT_THAT(lines(), HasSubstr("-> Assigned")) << "the producer's id is there before anything is written";
  const std::string value(10'000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(writer->produce(kTopic, 0, {"key", value, {}}, 1).value());
  std::vector<Delivery> deliveries;
  while (deliveries.empty() && std::chrono::steady_clock::now() < begin + kPatience) {
    deliveries = writer->poll(Millis(50)).deliveries;
  }
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].error, std::nullopt);
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
  RecordProperty("first_message_ms", static_cast<int>(took.count()));

  const FetchedBatch batch = fetch_batch(kafka.bootstrap_servers(), kTopic, 0);
  EXPECT_EQ(batch.magic, 2);
  EXPECT_EQ(batch.codec, 3) << "lz4";
  EXPECT_LT(batch.bytes, value.size() / 10);
  for (const char* feature : {"MsgVer2", "IdempotentProducer", "LZ4", "ZSTD"}) EXPECT_THAT(lines(), HasSubstr(feature));
}

TEST_F(RealKafkaTest, ABrokerThatIsKilledInMidFlightLosesAndRepeatsNothing) {
  KafkaServer kafka;
  KafkaLog log(options(kafka));
  make_topics(log);
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  Reading reading(log, clock);
  ASSERT_TRUE(reading.is_assigned(kShards));
  commit(0, 100);
  ASSERT_TRUE(published.wait([](const auto& all) { return !all.empty(); }));
  kafka.kill9();
  commit(100, 200);
  kafka.restart();
  commit(200, 300);
  EXPECT_TRUE(all_published(300));
  EXPECT_TRUE(reading.has(300));
  relay->stop();
  expect_each_once_in_order(reading.payloads(), 300);
  expect_each_once_in_order(tail(log, 300 * kShards), 300);
}

// A broker that has lost the end of a partition may not know the producer's last numbers, and say so: that is fatal for
// an idempotent producer, though not for the relay, which makes another. Where the broker has forgotten the producer
// altogether, the old one goes on.
TEST_F(RealKafkaTest, ABrokerThatLostTheEndOfAPartitionIsWrittenToAgain) {
  KafkaServer kafka;
  KafkaLog log(options(kafka));
  make_topics(log);
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  for (int i = 0; i < 5; ++i) {  // batches of their own
    commit(i, i + 1);
    ASSERT_TRUE(all_published(static_cast<uint64_t>(i) + 1));
  }
  kafka.kill9();
  const auto segment = std::filesystem::path(kafka.folder()) / "data" / (kTopic + "-0") / "00000000000000000000.log";
  std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 1);  // the last batch is broken
  kafka.restart();
  commit(5, 10);
  EXPECT_TRUE(all_published(10));
  relay->stop();
  Payloads read = tail(log, 10 * kShards - 1);
  const std::vector<std::string> without_the_lost{"0", "1", "2", "3", "5", "6", "7", "8", "9"};
  EXPECT_EQ(std::exchange(read[Source{"sales", 0}], {}), without_the_lost);
  for (const auto& [source, payloads] : read) EXPECT_EQ(payloads.size(), source.partition == 0 ? 0u : 10u);
}

// Kafka refuses timestamps that are an hour ahead of it; when an event was recorded is not one of them.
TEST_F(RealKafkaTest, AnEventOfAClockThatRanAheadIsPublished) {
  KafkaServer kafka;
  KafkaLog log(options(kafka));
  make_topics(log);
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  bus.clock.set(clock.now() + std::chrono::hours(3));
  commit(0, 1);
  EXPECT_TRUE(all_published(1));
  relay->stop();
}

// It stands still for longer than the members' sessions.
TEST_F(RealKafkaTest, AfterABrokerThatStoodStillTheReadersComeBack) {
  KafkaServer kafka;
  KafkaOptions hasty = options(kafka);
  hasty.session_timeout = Millis(2'000);
  KafkaLog log(hasty);
  make_topics(log);
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  Reading reading(log, clock, Millis(5'000));
  ASSERT_TRUE(reading.is_assigned(kShards));
  commit(0, 5);
  ASSERT_TRUE(reading.has(5));
  kafka.pause();
  std::this_thread::sleep_for(std::chrono::seconds(5));  // what is tested is that this much time passes
  kafka.resume();
  commit(5, 10);
  EXPECT_TRUE(reading.has(10));
  relay->stop();
  expect_each_once_in_order(reading.payloads(), 10);
}

}  // namespace
}  // namespace tandem::bus
