// What tests of relay and subscription over a real log have in common: the outboxes are in memory, the log is not.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/subscription.h"
#include "shared/bus/tail.h"

namespace tandem::bus {

inline constexpr std::chrono::seconds kPatience{40};
inline constexpr uint32_t kShards = 4;

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
  // False if it does not become so in time.
  template <class F>
  bool wait(F f) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return f(value_); });
  }
  T get() {
    std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

using Payloads = std::map<Source, std::vector<std::string>>;

// crm, which reads sales from the beginning.
class Reading {
 public:
  Reading(Log& log, Clock& clock, Millis watchdog = Millis(30'000))
      : subscription_(log, clock,
                      {.installation = "test", .service = "crm", .sources = {"sales"}, .watchdog = watchdog},
                      listener()) {
    subscription_.start();
  }
  ~Reading() { subscription_.stop(); }

  bool is_assigned(size_t partitions) {
    return assigned_.wait([&](const auto& all) { return all.size() == partitions; });
  }
  bool has(size_t each) {
    return got_.wait([&](const auto& all) {
      return all.size() == kShards &&
             std::ranges::all_of(all, [&](const auto& one) { return one.second.size() == each; });
    });
  }
  Payloads payloads() { return got_.get(); }
  Subscription& subscription() { return subscription_; }

 private:
  SubscriptionListener listener() {
    SubscriptionListener listener;
    listener.places = [this]() -> Result<std::vector<std::vector<Place>>> {
      std::vector<Place> places;
      for (const auto& [source, cursor] : places_.get()) {
        places.push_back({source, cursor.offset, cursor.generation, cursor.n});
      }
      return std::vector<std::vector<Place>>{places};
    };
    listener.on_events = [this] {
      for (const ConsumedEvent& event : subscription_.take(10'000)) {
        got_.change([&](auto& all) { all[event.source].push_back(event.payload); });
        places_.change([&](auto& all) { all[event.source] = event.next(); });
        subscription_.applied(event.source, event.offset + 1);
      }
    };
    listener.on_assigned = [this](const std::set<Source>& sources) {
      assigned_.change([&](auto& all) { all = sources; });
    };
    listener.on_revoked = [this](const auto&) { assigned_.change([](auto& all) { all.clear(); }); };
    listener.on_alarm = [](const auto&, const Error& error) { std::cerr << to_line(error) << "\n"; };
    return listener;
  }

  Told<Payloads> got_;
  Told<std::map<Source, Cursor>> places_;  // what has been taken, as a service notes it
  Told<std::set<Source>> assigned_;
  Subscription subscription_;
};

struct BusServerTest : testing::Test {
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
  // Numbers from..to-1 as payloads, of every shard.
  void commit(int from, int to) {
    for (int i = from; i < to; ++i) {
      for (uint32_t shard = 0; shard < kShards; ++shard) bus.commit(shard, std::to_string(i));
    }
  }
  bool all_published(uint64_t each) {
    return published.wait([each](const auto& all) {
      return all.size() == kShards && std::ranges::all_of(all, [each](const auto& one) { return one.second == each; });
    });
  }
  // From the beginning, until it has so many events.
  static Payloads tail(KafkaLog& log, size_t events) {
    Payloads read;
    auto opened = Tail::open(log, {"sales"}, {TailStart::From::kBeginning, {}}, kPatience);
    EXPECT_TRUE(opened.ok()) << to_line(opened.error());
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    size_t count = 0;
    while (count < events && std::chrono::steady_clock::now() < deadline) {
      const auto next = (*opened)->next(Millis(50));
      if (!next.ok() || !next->has_value()) continue;
      read[(*next)->source].push_back((*next)->payload);
      ++count;
    }
    return read;
  }
  static void expect_each_once_in_order(const Payloads& payloads, int each) {
    EXPECT_EQ(payloads.size(), kShards);
    for (const auto& [source, all] : payloads) {
      ASSERT_EQ(all.size(), static_cast<size_t>(each)) << source.partition;
      for (int i = 0; i < each; ++i) ASSERT_EQ(all[static_cast<size_t>(i)], std::to_string(i));
    }
  }

  BusWorld bus{kShards};  // its outboxes only
  SystemClock clock;
  SystemChance chance;
  store::MemoryOutbox outbox{bus.world};
  Told<std::map<uint32_t, uint64_t>> published;
};

}  // namespace tandem::bus
