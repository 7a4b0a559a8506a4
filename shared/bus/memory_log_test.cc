#include "shared/bus/memory_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::bus {
namespace {

using Kind = ReaderEvent::Kind;

Record record(const std::string& value) { return {"key", value, {}}; }

struct MemoryLogTest : testing::Test {
  MemoryLogTest() { broker.create_topic("t", 4); }

  std::unique_ptr<LogReader> join() {
    auto reader = log.make_reader({}).value();
    EXPECT_TRUE(reader->subscribe({"t"}, "group").ok());
    return reader;
  }
  std::vector<std::string> values() const {
    std::vector<std::string> values;
    for (const LogRecord& r : broker.records("t", 0)) values.push_back(r.record.value);
    return values;
  }

  MemoryBroker broker;
  MemoryLog log{broker};
};

TEST_F(MemoryLogTest, AcknowledgesWithOffsets) {
  auto writer = log.make_writer().value();
  ASSERT_TRUE(writer->produce("t", 1, record("a"), 11).value());
  ASSERT_TRUE(writer->produce("t", 1, record("b"), 12).value());
  const auto polled = writer->poll(Millis(0));
  ASSERT_EQ(polled.deliveries.size(), 2u);
  EXPECT_EQ(polled.deliveries[1].opaque, 12u);
  EXPECT_EQ(polled.deliveries[1].offset, 1u);
  EXPECT_FALSE(polled.fatal);
}

TEST_F(MemoryLogTest, RefusesUnknownPartitions) {
  auto writer = log.make_writer().value();
  EXPECT_EQ(writer->produce("t", 4, record("a"), 1).code(), Code::kNotFound);
  EXPECT_EQ(writer->produce("u", 0, record("a"), 1).code(), Code::kNotFound);
}

TEST_F(MemoryLogTest, AWriterIsFullUntilItsRecordsAreAcknowledged) {
  broker.set_queue_limit(1);
  broker.hold_acknowledgements(true);
  auto writer = log.make_writer().value();
  EXPECT_TRUE(writer->produce("t", 0, record("a"), 1).value());
  EXPECT_FALSE(writer->produce("t", 0, record("b"), 2).value());
  EXPECT_TRUE(writer->poll(Millis(0)).deliveries.empty());
  broker.hold_acknowledgements(false);
  EXPECT_EQ(writer->poll(Millis(0)).deliveries.size(), 1u);
  EXPECT_TRUE(writer->produce("t", 0, record("b"), 2).value());
}

TEST_F(MemoryLogTest, ADeadWriterSaysSoAndLosesWhatItHadNotWritten) {
  auto writer = log.make_writer().value();
  ASSERT_TRUE(writer->produce("t", 0, record("a"), 1).value());
  broker.set_down(true);
  ASSERT_TRUE(writer->produce("t", 0, record("b"), 2).value());
  broker.kill_writers();
  broker.set_down(false);
  EXPECT_TRUE(writer->poll(Millis(0)).fatal);
  EXPECT_FALSE(writer->produce("t", 0, record("c"), 3).ok());
  EXPECT_THAT(values(), testing::ElementsAre("a"));
}

TEST_F(MemoryLogTest, KeepsWhatItIsToldToKeep) {
  MemoryBroker small(2);
  small.create_topic("t", 1);
  for (const char* value : {"a", "b", "c"}) ASSERT_TRUE(small.append("t", 0, record(value)).ok());
  MemoryLog small_log(small);
  auto reader = small_log.make_reader({}).value();
  ASSERT_TRUE(reader->start({{{"t", 0}, 0}}).ok());
  const ReaderEvent event = reader->poll(Millis(0));
  ASSERT_EQ(event.kind, Kind::kRecord);
  EXPECT_EQ(event.record.offset, 1u) << "the oldest that is kept";
  EXPECT_EQ(small.watermarks({"t", 0})->low, 1u);
}

TEST_F(MemoryLogTest, SaysTheEndOfAPartitionOnce) {
  ASSERT_TRUE(broker.append("t", 0, record("a")).ok());
  auto reader = log.make_reader({.end_of_partition = true}).value();
  ASSERT_TRUE(reader->start({{{"t", 0}, 0}}).ok());
  EXPECT_EQ(reader->poll(Millis(0)).kind, Kind::kRecord);
  EXPECT_EQ(reader->poll(Millis(0)).kind, Kind::kEndOfPartition);
  EXPECT_EQ(reader->poll(Millis(0)).kind, Kind::kNone);
}

TEST_F(MemoryLogTest, AGroupSharesPartitionsInRanges) {
  auto one = join();
  ReaderEvent first = one->poll(Millis(0));
  ASSERT_EQ(first.kind, Kind::kAssigned);
  EXPECT_EQ(first.partitions.size(), 4u);

  auto two = join();
  EXPECT_EQ(two->poll(Millis(0)).kind, Kind::kNone) << "nothing is dealt out before all was given back";
  EXPECT_EQ(one->poll(Millis(0)).kind, Kind::kRevoked);
  one->release();
  ReaderEvent left = one->poll(Millis(0));
  ReaderEvent right = two->poll(Millis(0));
  EXPECT_THAT(left.partitions, testing::ElementsAre(TopicPartition{"t", 0}, TopicPartition{"t", 1}));
  EXPECT_THAT(right.partitions, testing::ElementsAre(TopicPartition{"t", 2}, TopicPartition{"t", 3}));

  two.reset();
  EXPECT_EQ(one->poll(Millis(0)).kind, Kind::kRevoked);
  one->release();
  EXPECT_EQ(one->poll(Millis(0)).partitions.size(), 4u);
}

TEST_F(MemoryLogTest, WhoseSessionRanOutHearsOfItLate) {
  auto one = join();
  const uint64_t first = broker.newest_member();
  ASSERT_EQ(one->poll(Millis(0)).kind, Kind::kAssigned);
  ASSERT_TRUE(one->start({{{"t", 0}, 0}}).ok());
  auto two = join();
  broker.expire_session("group", first);
  EXPECT_EQ(two->poll(Millis(0)).partitions.size(), 4u) << "nobody waits for the first";
  EXPECT_EQ(one->poll(Millis(0)).kind, Kind::kRevoked);
  one->release();
  EXPECT_EQ(two->poll(Millis(0)).kind, Kind::kRevoked) << "it is a member again";
  two->release();
  EXPECT_EQ(one->poll(Millis(0)).partitions.size(), 2u);
  EXPECT_EQ(two->poll(Millis(0)).partitions.size(), 2u);
}

TEST_F(MemoryLogTest, WhoseSessionRunsOutWhileItFinishesIsToldOnce) {
  auto one = join();
  const uint64_t first = broker.newest_member();
  ASSERT_EQ(one->poll(Millis(0)).kind, Kind::kAssigned);
  auto two = join();
  ASSERT_EQ(one->poll(Millis(0)).kind, Kind::kRevoked);
  broker.expire_session("group", first);
  one->release();
  ASSERT_EQ(two->poll(Millis(0)).kind, Kind::kRevoked);
  two->release();
  EXPECT_EQ(one->poll(Millis(0)).kind, Kind::kAssigned);
  EXPECT_EQ(one->poll(Millis(0)).kind, Kind::kNone);
}

}  // namespace
}  // namespace tandem::bus
