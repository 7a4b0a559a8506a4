// The log on Kafka's protocol: everything here talks to a tandem-broker of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/embedded_broker_testing.h"
#include "shared/bus/kafka_batch_testing.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/subscription.h"
#include "shared/bus/tail.h"
#include "shared/bus/topics.h"

namespace tandem::bus {
namespace {

using testing::HasSubstr;
using Kind = ReaderEvent::Kind;

constexpr Millis kPatience{15'000};

// Waits for a record; others (assignments, errors that pass) are answered or ignored.
std::optional<LogRecord> next_record(LogReader& reader, Millis patience = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    ReaderEvent event = reader.poll(Millis(50));
    if (event.kind == Kind::kRecord) return std::move(event.record);
  }
  return std::nullopt;
}

std::vector<Delivery> deliveries(LogWriter& writer, size_t count) {
  std::vector<Delivery> all;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
    auto polled = writer.poll(Millis(50));
    all.insert(all.end(), polled.deliveries.begin(), polled.deliveries.end());
  }
  return all;
}

struct KafkaTest : testing::Test {
  const std::string topic = "tandem.sales.events";
};

TEST_F(KafkaTest, WritesAndReadsWhatWasWritten) {
  EmbeddedBroker broker({"sales"});
  KafkaLog log(broker.kafka_options());
  auto writer = log.make_writer().value();
  const std::string topics[] = {topic};
  ASSERT_TRUE(writer->warm(topics, kPatience).ok());
  const Record foreign{"key", "value", {{"ce_id", "1"}, {"other", std::string("\0\xff", 2)}}};
  const Record event{"key", "value", {{"ce_id", "1"}, {kEnvelopeHeader, std::string("\0\xff", 2)}}};
  ASSERT_TRUE(writer->produce(topic, 2, foreign, 41).value());
  ASSERT_TRUE(writer->produce(topic, 2, event, 42).value());
  const auto delivered = deliveries(*writer, 2);
  ASSERT_EQ(delivered.size(), 2u);
  EXPECT_EQ(delivered[1].opaque, 42u);
  EXPECT_EQ(delivered[1].offset, 1u);
  EXPECT_EQ(delivered[1].partition, 2u);

  auto reader = log.make_reader({.end_of_partition = true}).value();
  ASSERT_TRUE(reader->start({{{topic, 2}, 1}}).ok());
  const auto read = next_record(*reader);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->offset, 1u);
  EXPECT_EQ(read->record, (Record{"key", "value", {event.headers.back()}})) << "the envelope says the rest";
  ReaderEvent end;
  while (end.kind != Kind::kEndOfPartition) end = reader->poll(kPatience);
  EXPECT_EQ(end.offset, 2u);
  EXPECT_EQ(reader->watermarks({topic, 2}, kPatience)->high, 2u);
  ASSERT_TRUE(reader->seek({topic, 2}, 0).ok());
  const auto first = next_record(*reader);
  EXPECT_EQ(first->offset, 0u);
  EXPECT_EQ(first->record, foreign);
}

TEST_F(KafkaTest, SaysInWordsWhatIsWrongWithTopics) {
  EmbeddedBroker broker({"sales"}, 4);
  KafkaLog log(broker.kafka_options());
  auto admin = log.make_admin().value();
  const std::string none[] = {"sales"};
  EXPECT_TRUE(prepare_topics(*admin, "sales", none, 4, kPatience).ok());
  const Status other = prepare_topics(*admin, "sales", none, 16, kPatience);
  EXPECT_EQ(other.code(), Code::kFailedPrecondition);
  EXPECT_THAT(to_line(other.error()), HasSubstr("has 4 partitions, but the installation has 16 shards"));
  const Status missing = prepare_topics(*admin, "crm", none, 4, kPatience);
  EXPECT_EQ(missing.code(), Code::kUnimplemented);
  EXPECT_THAT(to_line(missing.error()), HasSubstr("--services"));
  auto writer = log.make_writer().value();
  const std::string strange[] = {"tandem.crm.events"};
  EXPECT_EQ(writer->warm(strange, kPatience).code(), Code::kNotFound);
}

TEST_F(KafkaTest, WithoutABrokerItSaysSo) {
  KafkaOptions options;
  options.bootstrap_servers = "127.0.0.1:1";
  KafkaLog log(options);
  const std::string topics[] = {topic};
  EXPECT_EQ(log.make_writer().value()->warm(topics, Millis(300)).code(), Code::kUnavailable);
  EXPECT_EQ(log.make_admin().value()->describe(topic, Millis(300)).code(), Code::kUnavailable);
  options.settings["no.such.setting"] = "1";
  EXPECT_THAT(to_line(KafkaLog(options).make_writer().error()), HasSubstr("no.such.setting"));
}

// librdkafka#4956: batches went out uncompressed, and nothing said so.
TEST_F(KafkaTest, BatchesReallyAreCompressed) {
  EmbeddedBroker broker({"sales"});
  KafkaOptions options = broker.kafka_options();
  std::mutex mutex;
  std::string features;
  options.settings["debug"] = "feature";
  options.on_log = [&](int, const std::string& line) {
    std::lock_guard lock(mutex);
    features += line + "\n";
  };
  KafkaLog log(options);
  auto writer = log.make_writer().value();
  const std::string value(10'000, 'x');
  ASSERT_TRUE(writer->produce(topic, 0, {"key", value, {}}, 1).value());
  ASSERT_EQ(deliveries(*writer, 1).size(), 1u);
  const FetchedBatch batch = fetch_batch(broker.bootstrap_servers(), topic, 0);
  EXPECT_EQ(batch.magic, 2);
  EXPECT_EQ(batch.codec, 3) << "lz4";
  EXPECT_LT(batch.bytes, value.size() / 10);
  writer.reset();
  std::lock_guard lock(mutex);
  for (const char* feature : {"MsgVer2", "IdempotentProducer", "LZ4", "ZSTD"})
    EXPECT_THAT(features, HasSubstr(feature));
}

TEST_F(KafkaTest, AGroupOfTwoSharesThePartitions) {
  EmbeddedBroker broker({"sales"}, 4);
  KafkaLog log(broker.kafka_options());
  std::unique_ptr<LogReader> readers[] = {log.make_reader({}).value(), log.make_reader({}).value()};
  std::vector<TopicPartition> assigned[2];
  for (auto& reader : readers) ASSERT_TRUE(reader->subscribe({topic}, "tandem.crm").ok());
  auto poll_both = [&] {
    for (int i = 0; i < 2; ++i) {
      const ReaderEvent event = readers[i]->poll(Millis(20));
      if (event.kind == Kind::kAssigned) {
        StartOffsets offsets;
        for (const auto& partition : event.partitions) offsets.emplace_back(partition, 0);
        ASSERT_TRUE(readers[i]->start(offsets).ok());
        assigned[i] = event.partitions;
      } else if (event.kind == Kind::kRevoked) {
        readers[i]->release();
        assigned[i].clear();
      }
    }
  };
  const auto deadline = std::chrono::steady_clock::now() + 2 * kPatience;
  while ((assigned[0].size() != 2 || assigned[1].size() != 2) && std::chrono::steady_clock::now() < deadline)
    poll_both();
  EXPECT_EQ(assigned[0].size(), 2u);
  EXPECT_EQ(assigned[1].size(), 2u);
}

}  // namespace
}  // namespace tandem::bus
