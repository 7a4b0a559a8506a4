// Relay and subscription together, over the embedded broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "shared/bus/bus_server_testing.h"
#include "shared/bus/embedded_broker_testing.h"

namespace tandem::bus {
namespace {

using testing::HasSubstr;

constexpr int kOutOfOrderSequence = 45;  // Kafka's OUT_OF_ORDER_SEQUENCE_NUMBER: fatal for an idempotent producer

TEST_F(BusServerTest, WhatIsCommittedArrivesOnceAndInOrder) {
  EmbeddedBroker broker({"sales"}, kShards);
  KafkaLog log(broker.kafka_options());
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  Reading reading(log, clock);
  ASSERT_TRUE(reading.is_assigned(kShards));
  commit(0, 250);
  EXPECT_TRUE(reading.has(250));
  EXPECT_TRUE(all_published(250));
  relay->stop();
  expect_each_once_in_order(reading.payloads(), 250);
}

TEST_F(BusServerTest, AFatalErrorOfTheProducerLosesAndRepeatsNothing) {
  EmbeddedBroker broker({"sales"}, kShards, {"--fail-produce", std::to_string(kOutOfOrderSequence)});
  KafkaLog log(broker.kafka_options());
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  commit(0, 20);
  relay->start();
  EXPECT_TRUE(all_published(20));
  relay->stop();
  expect_each_once_in_order(tail(log, 20 * kShards), 20);
}

// It stands still for longer than the members' sessions. It takes their attempts to join again, which are in its
// sockets, for members that are alive.
TEST_F(BusServerTest, AfterABrokerThatStoodStillTheReadersComeBack) {
  EmbeddedBroker broker({"sales"}, kShards);
  KafkaLog log(broker.kafka_options());
  auto relay = make_relay(log);
  ASSERT_TRUE(relay->warm(kPatience).ok());
  relay->start();
  Reading first(log, clock, Millis(10'000));
  ASSERT_TRUE(first.is_assigned(kShards));
  commit(0, 5);
  ASSERT_TRUE(first.has(5));
  kill(broker.pid(), SIGSTOP);
  std::this_thread::sleep_for(std::chrono::seconds(8));  // what is tested is that this much time passes
  kill(broker.pid(), SIGCONT);
  commit(5, 10);
  EXPECT_TRUE(first.has(10));
  relay->stop();
  expect_each_once_in_order(first.payloads(), 10);
}

TEST_F(BusServerTest, WhatTheEmbeddedBrokerDropsIsNoticedAndPointsToKafka) {
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
