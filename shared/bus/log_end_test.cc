#include "shared/bus/log_end.h"

#include <gtest/gtest.h>

#include "shared/bus/envelope.h"
#include "shared/bus/memory_log.h"

namespace tandem::bus {
namespace {

Record event(uint64_t n) {
  EventRecord record;
  record.envelope.set_installation("test");
  record.envelope.set_event_id("e" + std::to_string(n));
  record.envelope.set_event_type("tandem.sales.v1.DealWon");
  record.envelope.set_aggregate_type("opportunity");
  record.envelope.set_aggregate_id("o");
  record.envelope.mutable_position()->set_service("sales");
  record.envelope.mutable_position()->set_shard(1);
  record.envelope.mutable_position()->set_generation(1);
  record.envelope.set_version("0123456789abcdef");
  record.envelope.mutable_position()->set_number(n);
  return encode(record);
}

TEST(LogEnd, IsTheLastEventOfEachPartition) {
  MemoryBroker broker;
  MemoryLog log(broker);
  broker.create_topic("tandem.sales.events", 2);
  for (uint64_t n = 1; n <= 3; n++) ASSERT_TRUE(broker.append("tandem.sales.events", 1, event(n)).ok());
  const auto ends = log_ends(log, "tandem.sales.events", 2, Millis(1000));
  ASSERT_TRUE(ends.ok()) << to_line(ends.error());
  EXPECT_EQ((*ends)[0], (Cursor{0, 0, 0}));
  EXPECT_EQ((*ends)[1], (Cursor{3, 1, 3}));
}

TEST(LogEnd, SaysInWordsThatTheTopicIsNotThere) {
  MemoryBroker broker;
  MemoryLog log(broker);
  EXPECT_FALSE(log_ends(log, "tandem.sales.events", 2, Millis(50)).ok());
}

}  // namespace
}  // namespace tandem::bus
