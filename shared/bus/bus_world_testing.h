// A service's bus in memory, for tests: its outboxes, a broker, and a clock that is moved by hand.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ports.h"
#include "shared/bus/envelope.h"
#include "shared/bus/memory_log.h"
#include "shared/bus/reader_rule.h"
#include "shared/bus/relay.h"
#include "shared/store/memory_store.h"

namespace tandem::bus {

inline constexpr std::string_view kTestEvent = "tandem.sales.v1.LeadAccepted";

// As the engine commits it; number, generation and position come later.
exchange::v1::OutboxRecord outbox_record(const std::string& aggregate_id, const std::string& payload,
                                         std::string_view event_type = kTestEvent);

// As the relay writes it.
Record event_record(uint64_t generation, uint64_t n, const std::string& payload, const std::string& service = "sales",
                    uint32_t shard = 0, const std::string& installation = "test");
Record fence_record(uint64_t ends, const std::string& service = "sales", uint32_t shard = 0);

class BusWorld {
 public:
  explicit BusWorld(uint32_t shards = 1, uint64_t keep = 0);

  // Commits an event to an outbox; the payload is what tests compare. Its number.
  uint64_t commit(uint32_t shard, const std::string& payload, std::string_view event_type = kTestEvent);
  std::unique_ptr<Relay> make_relay(Outbox& outbox, RelayListener listener = {});
  // What the partition has, by the reader's rule; and how many records that took.
  std::vector<std::string> read(uint32_t shard) const;
  size_t written(uint32_t shard) const { return broker.records("tandem.sales.events", shard).size(); }
  ShardStatus status(uint32_t shard);

  const uint32_t shards;
  ManualClock clock;
  SeededChance chance{7};          // of the relays
  SeededChance commit_chance{77};  // a relay may have a thread of its own
  store::MemoryWorld world;
  store::MemoryStore store;
  MemoryBroker broker;
  MemoryLog log;
  RelayOptions options;

 private:
  uint64_t commits_ = 0;
};

// Steps until nothing moves; false if that does not happen.
bool settle(Relay& relay);

// Another store between a relay and its outbox: whatever the test wants to be different.
class OutboxDecorator : public Outbox {
 public:
  explicit OutboxDecorator(Outbox& inner) : inner_(inner) {}

  Result<ShardStatus> open(uint32_t shard) override { return inner_.open(shard); }
  Result<bool> lease(uint32_t shard, const std::string& token, std::chrono::milliseconds ttl) override {
    return inner_.lease(shard, token, ttl);
  }
  Status release(uint32_t shard, const std::string& token) override { return inner_.release(shard, token); }
  Result<std::vector<uint32_t>> wait(std::span<const std::pair<uint32_t, uint64_t>> after,
                                     std::chrono::milliseconds timeout) override {
    return inner_.wait(after, timeout);
  }
  void interrupt() override { inner_.interrupt(); }
  Result<OutboxRead> read(uint32_t shard, const std::string& token, uint64_t after, uint32_t limit) override {
    return inner_.read(shard, token, after, limit);
  }
  Result<bool> trim(uint32_t shard, const std::string& token, uint64_t generation, uint64_t n,
                    std::optional<uint64_t> offset) override {
    return inner_.trim(shard, token, generation, n, offset);
  }
  Result<std::vector<ShardStatus>> statuses(std::span<const uint32_t> shards) override {
    return inner_.statuses(shards);
  }

 protected:
  Outbox& inner_;
};

}  // namespace tandem::bus
