#include "shared/bus/bus_world_testing.h"

#include <gtest/gtest.h>

#include "shared/aggregate/convert.h"

namespace tandem::bus {
namespace {

constexpr int64_t kRecordedSeconds = 1'790'000'000;  // 2026-09-21

exchange::v1::Envelope envelope_of(const std::string& aggregate_id, const std::string& event_id,
                                   std::string_view event_type) {
  exchange::v1::Envelope envelope;
  envelope.set_installation("test");
  envelope.set_event_id(event_id);
  envelope.set_event_type(std::string(event_type));
  envelope.set_aggregate_type("assignment");
  envelope.set_aggregate_id(aggregate_id);
  envelope.mutable_occurred_at()->set_seconds(kRecordedSeconds);
  envelope.mutable_recorded_at()->set_seconds(kRecordedSeconds);
  return envelope;
}

}  // namespace

exchange::v1::OutboxRecord outbox_record(const std::string& aggregate_id, const std::string& payload,
                                         std::string_view event_type) {
  exchange::v1::OutboxRecord record;
  *record.mutable_envelope() = envelope_of(aggregate_id, "event-" + payload, event_type);
  record.set_payload(payload);
  return record;
}

Record event_record(uint64_t generation, uint64_t n, const std::string& payload, const std::string& service,
                    uint32_t shard, const std::string& installation) {
  EventRecord event{envelope_of("lead-1", "event-" + payload, kTestEvent), payload};
  event.envelope.set_installation(installation);
  event.envelope.mutable_position()->set_service(service);
  event.envelope.mutable_position()->set_shard(shard);
  event.envelope.mutable_position()->set_generation(generation);
  event.envelope.mutable_position()->set_number(n);
  return encode(event);
}

Record fence_record(uint64_t ends, const std::string& service, uint32_t shard) {
  exchange::v1::Fence fence;
  fence.set_ends(ends);
  fence.set_nonce("nonce-1");
  return encode_fence("test", service, shard, fence, Instant(std::chrono::seconds(kRecordedSeconds)));
}

BusWorld::BusWorld(uint32_t shard_count, uint64_t keep)
    : shards(shard_count),
      clock(Instant(std::chrono::seconds(kRecordedSeconds))),
      world(clock, {"test", "sales", shard_count}),
      store(world),
      broker(keep),
      log(broker) {
  world.open_all();
  broker.create_topic("tandem.sales.events", shards);
  broker.create_topic("tandem.sales.dead-letters", shards);
  options.service = "sales";
  options.shards = shards;
  options.drain = Millis(0);
}

uint64_t BusWorld::commit(uint32_t shard, const std::string& payload, std::string_view event_type) {
  const std::string id = "lead-" + std::to_string(++commits_);
  Commit commit;
  commit.shard = shard;
  commit.generation = 1;
  commit.aggregate = {"assignment", id};
  exchange::v1::OutboxRecord record = outbox_record(id, payload, event_type);
  *record.mutable_envelope()->mutable_recorded_at() = to_timestamp(clock.now());
  commit.change = Commit::Change{fresh_token(commit_chance), "state", record.SerializeAsString(), {}};
  const auto outcomes = store.commit(std::span(&commit, 1), clock.now());
  EXPECT_EQ(outcomes.at(0).status, CommitOutcome::Status::kCommitted);
  return outcomes.at(0).n;
}

std::unique_ptr<Relay> BusWorld::make_relay(Outbox& outbox, RelayListener listener) {
  return std::make_unique<Relay>(outbox, log, clock, chance, options, std::move(listener));
}

std::vector<std::string> BusWorld::read(uint32_t shard) const {
  std::vector<std::string> payloads;
  Cursor cursor;
  for (const LogRecord& record : broker.records("tandem.sales.events", shard)) {
    const auto decoded = decode(record);
    EXPECT_TRUE(decoded.ok()) << to_line(decoded.error());
    if (const auto* fence = std::get_if<FenceRecord>(&*decoded)) {
      judge_fence(cursor, record.offset, fence->fence.ends());
      continue;
    }
    const auto& event = std::get<EventRecord>(*decoded);
    const auto& position = event.envelope.position();
    const Verdict verdict = judge_event(cursor, record.offset, position.generation(), position.number());
    EXPECT_NE(verdict, Verdict::kGap) << "at offset " << record.offset;
    if (verdict == Verdict::kAccept) payloads.push_back(event.payload);
  }
  return payloads;
}

ShardStatus BusWorld::status(uint32_t shard) {
  store::MemoryOutbox outbox(world);
  return outbox.status(shard).value();
}

bool settle(Relay& relay) {
  for (int steps = 0, still = 0; steps < 1000; ++steps) {
    still = relay.step(Millis(0)) ? 0 : still + 1;
    if (still == 3) return true;
  }
  return false;
}

}  // namespace tandem::bus
