#include "shared/bus/envelope.h"

#include <gtest/gtest.h>

#include <span>

#include "shared/base/ids.h"
#include "shared/bus/bus_world_testing.h"

namespace tandem::bus {
namespace {

OutboxEntry entry() {
  exchange::v1::OutboxRecord record = outbox_record("lead-9c1e", "payload");
  auto& envelope = *record.mutable_envelope();
  envelope.set_event_id("ev-1");
  envelope.set_version("token");
  envelope.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  envelope.mutable_occurred_at()->set_nanos(250'000'000);
  auto& cause = *envelope.mutable_cause()->mutable_event();
  cause.set_event_id("ev-0");
  cause.mutable_mark()->set_service("marketing");
  return {7, record.SerializeAsString(), {{{"marketing", 3}, {41, 65536}}}};
}

LogRecord at(Record record, const std::string& topic = "tandem.sales.events", uint32_t partition = 2) {
  return {topic, partition, 5, std::move(record)};
}

EventRecord stamped() { return stamp("sales", 2, 1, entry()).value(); }

TEST(Envelope, CarriesCloudEventsInBinaryMode) {
  const Record record = encode(stamped());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"ce_specversion", "1.0"},
      {"ce_id", "ev-1"},
      {"ce_type", "tandem.sales.v1.LeadAccepted"},
      {"ce_source", "/tandem/test/sales"},
      {"ce_subject", "lead-9c1e"},
      {"ce_time", "2026-09-21T14:13:20.250Z"},
      {"ce_sequence", "00000000000000000007"},
      {"ce_partitionkey", "lead-9c1e"},
      {"ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"ce_generation", "1"},
      {"ce_causationid", "ev-0"},
      {"content-type", "application/protobuf"},
  };
  EXPECT_EQ(record.key, "lead-9c1e");
  EXPECT_EQ(record.value, "payload");
  ASSERT_EQ(record.headers.size(), expected.size() + 1);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), record.headers.begin()))
      << testing::PrintToString(record.headers);
  EXPECT_EQ(record.headers.back().first, "tandem");
}

// The stored format: whatever reads the log of ten years ago depends on it.
TEST(Envelope, GoldenBytes) {
  const std::string bytes = *encode(stamped()).header("tandem");
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  EXPECT_EQ(to_hex(std::span(data, bytes.size())),
            "0a0474657374120d0a0573616c65731002180120071a0465762d31221c74616e64656d2e73616c65732e76312e4c6561"
            "6441636365707465642a0a61737369676e6d656e7432096c6561642d396331653a05746f6b656e421512130a0b0a096d"
            "61726b6574696e67120465762d304a130a096d61726b6574696e671003182920808004520b0880f7c4d5061080e59a77"
            "5a060880f7c4d5066a3730302d30616637363531393136636434336464383434386562323131633830333139632d6237"
            "61643662373136393230333333312d3031");
}

TEST(Envelope, ComesBackAsItWas) {
  const EventRecord event = stamped();
  const auto decoded = decode(at(encode(event)));
  ASSERT_TRUE(decoded.ok()) << to_line(decoded.error());
  const auto& back = std::get<EventRecord>(*decoded);
  EXPECT_EQ(back.envelope.SerializeAsString(), event.envelope.SerializeAsString());
  EXPECT_EQ(back.payload, "payload");
  EXPECT_EQ(back.envelope.position().number(), 7u);
  EXPECT_EQ(back.envelope.carried_marks(0).number(), 41u);
}

TEST(Envelope, AFenceIsKnownAsOne) {
  const auto decoded = decode(at(fence_record(4, "sales", 2)));
  ASSERT_TRUE(decoded.ok()) << to_line(decoded.error());
  const auto& fence = std::get<FenceRecord>(*decoded);
  EXPECT_EQ(fence.fence.ends(), 4u);
  EXPECT_EQ(fence.fence.nonce(), "nonce-1");
  EXPECT_EQ(fence.installation, "test");
}

TEST(Envelope, StampingRefusesAnotherShardsEntryAndGarbage) {
  exchange::v1::OutboxRecord record = outbox_record("lead-1", "x");
  record.mutable_envelope()->mutable_position()->set_service("sales");
  record.mutable_envelope()->mutable_position()->set_shard(3);
  EXPECT_EQ(stamp("sales", 2, 1, {1, record.SerializeAsString(), {}}).code(), Code::kDataLoss);
  EXPECT_EQ(stamp("sales", 2, 1, {1, "\xff\xff", {}}).code(), Code::kDataLoss);
}

TEST(Envelope, RefusesWhatIsNotAnEventInWords) {
  Record foreign;
  foreign.value = "hello";
  const auto without = decode(at(foreign));
  ASSERT_FALSE(without.ok());
  EXPECT_NE(without.error().message.find("tandem.sales.events[2] offset 5 has no header \"tandem\""), std::string::npos)
      << without.error().message;

  foreign.headers = {{"tandem", "\xff\xfe"}};
  EXPECT_EQ(decode(at(foreign)).code(), Code::kInvalidArgument);
  EXPECT_EQ(decode(at(encode(stamped()), "tandem.crm.events")).code(), Code::kInvalidArgument);
  EXPECT_EQ(decode(at(encode(stamped()), "tandem.sales.events", 1)).code(), Code::kInvalidArgument);
  EXPECT_EQ(decode(at(encode(stamped()), "somebody-elses")).code(), Code::kInvalidArgument);
  EXPECT_EQ(decode(at(event_record(0, 1, "x", "sales", 2))).code(), Code::kInvalidArgument);
  EXPECT_EQ(decode(at(event_record(1, 0, "x", "sales", 2))).code(), Code::kInvalidArgument);
  Record fence = fence_record(4, "sales", 2);
  fence.value = "\xff";
  EXPECT_EQ(decode(at(fence)).code(), Code::kInvalidArgument);
}

// No bytes of the header may crash us, whatever was done to them.
TEST(Envelope, SurvivesDamage) {
  const Record whole = encode(stamped());
  int refused = 0;
  const size_t size = whole.headers.back().second.size();
  for (size_t i = 0; i < size; ++i) {
    Record cut = whole;
    cut.headers.back().second.resize(i);
    refused += decode(at(cut)).ok() ? 0 : 1;
    Record flipped = whole;
    flipped.headers.back().second[i] ^= 0x55;
    const auto decoded = decode(at(flipped));
    refused += decoded.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, static_cast<int>(size / 2));
}

TEST(Topics, AreNamedAfterTheService) {
  EXPECT_EQ(events_topic("crm"), "tandem.crm.events");
  EXPECT_EQ(dead_letters_topic("crm"), "tandem.crm.dead-letters");
  EXPECT_EQ(service_of_topic("tandem.crm.events").value(), "crm");
  EXPECT_FALSE(service_of_topic("tandem.crm.dead-letters").ok());
  EXPECT_FALSE(service_of_topic("tandem..events").ok());
  EXPECT_FALSE(service_of_topic("tandem.events").ok());
}

}  // namespace
}  // namespace tandem::bus
