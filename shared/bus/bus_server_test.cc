// Relay and subscription together, over the embedded broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <iostream>
#include <mutex>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/embedded_broker_testing.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/subscription.h"
#include "shared/bus/tail.h"

namespace tandem::bus {
namespace {

using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{25};
constexpr uint32_t kShards = 4;
constexpr int kOutOfOrderSequence = 45;  // Kafka's OUT_OF_ORDER_SEQUENCE_NUMBER: fatal for an idempotent producer

// What other threads tell a test.
template <class T>
class Told {
 public:
  template <class F>
  void change(F f) {
    std::lock_guard lock(mutex_);
    f(value_);
    changed_.notify_all();
  }
  template <class F>
  bool wait(F f) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return f(value_); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

struct BusTest : testing::Test {
  std::unique_ptr<Relay> make_relay(KafkaLog& log) {
    RelayOptions options;
    options.service = "sales";
    options.shards = kShards;
    return std::make_unique<Relay>(
        outbox, log, clock, chance, options,
        RelayListener{.on_published = [this](uint32_t shard, uint64_t,
                                             uint64_t n) { published.change([&](auto& all) { all[shard] = n; }); },
                      .on_trouble = [](const Error& error) { std::cerr << to_line(error) << "\n"; }});
  }
  bool all_published(uint64_t each) {
    return published.wait([each](const auto& all) {
      return all.size() == kShards && std::ranges::all_of(all, [each](const auto& one) { return one.second == each; });
    });
  }
  // As crm, from the beginning, until it has so many events of each partition.
  static std::map<Source, std::vector<std::string>> tail(KafkaLog& log, size_t each) {
    std::map<Source, std::vector<std::string>> read;
    auto opened = Tail::open(log, {"sales"}, {TailStart::From::kBeginning, {}}, kPatience);
    EXPECT_TRUE(opened.ok()) << to_line(opened.error());
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    size_t count = 0;
    while (count < each * kShards && std::chrono::steady_clock::now() < deadline) {
      const auto next = (*opened)->next(Millis(50));
      if (!next.ok() || !next->has_value()) continue;
      read[(*next)->source].push_back((*next)->payload);
      ++count;
    }
    return read;
  }

  BusWorld bus{kShards};  // its outboxes only
  SystemClock clock;
  SystemChance chance;
  store::MemoryOutbox outbox{bus.world};
  Told<std::map<uint32_t, uint64_t>> published;
};

TEST_F(BusTest, WhatIsCommittedArrivesOnceAndInOrder) {
  EmbeddedBroker broker({"sales"}, kShards);
  KafkaLog log(broker.kafka_options());
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();

  Told<std::map<Source, std::vector<std::string>>> got;
  std::unique_ptr<Subscription> subscription;
  SubscriptionOptions options{.installation = "test", .service = "crm", .sources = {"sales"}};
  Told<std::set<Source>> assigned;
  SubscriptionListener listener{
      .places = [] { return Result<std::vector<std::vector<Place>>>(std::vector<std::vector<Place>>{{}}); },
      .on_events =
          [&] {
            for (const ConsumedEvent& event : subscription->take(10'000)) {
              got.change([&](auto& all) { all[event.source].push_back(event.payload); });
            }
          },
      .on_assigned = [&](const std::set<Source>& sources) { assigned.change([&](auto& all) { all = sources; }); }};
  subscription = std::make_unique<Subscription>(log, clock, options, listener);
  subscription->start();
  ASSERT_TRUE(assigned.wait([](const auto& all) { return all.size() == kShards; }));

  constexpr int kEach = 250;
  for (int i = 0; i < kEach; ++i) {
    for (uint32_t shard = 0; shard < kShards; ++shard) bus.commit(shard, std::to_string(i));
  }
  EXPECT_TRUE(got.wait([](const auto& all) {
    return all.size() == kShards &&
           std::ranges::all_of(all, [](const auto& one) { return one.second.size() == kEach; });
  }));
  EXPECT_TRUE(all_published(kEach));
  subscription->stop();
  relay->stop();
  got.change([](auto& all) {
    for (const auto& [source, payloads] : all) {
      for (size_t i = 0; i < payloads.size(); ++i) ASSERT_EQ(payloads[i], std::to_string(i));
    }
  });
}

TEST_F(BusTest, AFatalErrorOfTheProducerLosesAndRepeatsNothing) {
  EmbeddedBroker broker({"sales"}, kShards, {"--fail-produce", std::to_string(kOutOfOrderSequence)});
  KafkaLog log(broker.kafka_options());
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  for (int i = 0; i < 20; ++i) {
    for (uint32_t shard = 0; shard < kShards; ++shard) bus.commit(shard, std::to_string(i));
  }
  relay->start();
  EXPECT_TRUE(all_published(20));
  relay->stop();
  const auto read = tail(log, 20);
  ASSERT_EQ(read.size(), kShards);
  for (const auto& [source, payloads] : read) {
    ASSERT_EQ(payloads.size(), 20u);
    for (size_t i = 0; i < payloads.size(); ++i) EXPECT_EQ(payloads[i], std::to_string(i));
  }
}

TEST_F(BusTest, WhatTheEmbeddedBrokerDropsIsNoticedAndPointsToKafka) {
  EmbeddedBroker broker({"sales"}, kShards);
  KafkaLog log(broker.kafka_options());
  auto writer = log.make_writer().value();
  // Incompressible, twice what a partition keeps.
  constexpr int kEvents = 50;
  for (uint64_t n = 1; n <= kEvents; ++n) {
    std::string noise(200'000, '\0');
    for (char& c : noise) c = static_cast<char>(' ' + bus.chance.next() % 64);
    ASSERT_TRUE(writer->produce("tandem.sales.events", 0, event_record(1, n, noise), n).value());
  }
  int written = 0;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (written < kEvents && std::chrono::steady_clock::now() < deadline) {
    written += static_cast<int>(writer->poll(Millis(50)).deliveries.size());
  }
  ASSERT_EQ(written, kEvents);

  Told<std::string> alarm;
  SubscriptionOptions options{.installation = "test", .service = "crm", .sources = {"sales"}};
  SubscriptionListener listener{
      .places = [] { return Result<std::vector<std::vector<Place>>>(std::vector<std::vector<Place>>{{}}); },
      .on_alarm = [&](const auto&, const Error& error) { alarm.change([&](auto& text) { text = error.message; }); }};
  Subscription subscription(log, clock, options, listener);
  subscription.start();
  ASSERT_TRUE(alarm.wait([](const auto& text) { return !text.empty(); }));
  alarm.change([](const auto& text) {
    EXPECT_THAT(text, HasSubstr("event 1 of generation 1 should be next"));
    EXPECT_THAT(text, HasSubstr("The embedded broker keeps 5 MB"));
    EXPECT_THAT(text, HasSubstr("real Kafka"));
  });
  EXPECT_EQ(subscription.queued(), 0u);
  subscription.stop();
}

}  // namespace
}  // namespace tandem::bus
