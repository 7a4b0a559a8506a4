// The log is the truth: what is in Redis is nothing but the fold of the topics, byte for byte.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "shared/aggregate/instance.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/tail.h"
#include "shared/store/redis_store.h"
#include "tests/support/definitions.h"
#include "tests/system/company.h"
#include "tests/system/load.h"

namespace tandem::testing {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;

// A service as its topic tells it.
class Folded {
 public:
  Folded(const std::string& service, const InstallationKeys& keys) : definition_(definition_of(service, keys)) {}

  void read(bus::Log& log) {
    bus::TailStart start;
    start.from = bus::TailStart::From::kBeginning;
    auto tail = bus::Tail::open(log, {definition_.name}, start, std::chrono::seconds(10));
    ASSERT_TRUE(tail.ok()) << to_line(tail.error());
    while (!(*tail)->at_end()) {
      auto event = (*tail)->next(std::chrono::seconds(5));
      ASSERT_TRUE(event.ok()) << to_line(event.error());
      if (*event) apply(**event);
    }
  }

  void compare_with(Store& store, uint32_t shards) const {
    for (const auto& [at, instance] : instances_) {
      LoadBatch batch;
      batch.aggregates.push_back({at.first, at.second});
      auto loaded = store.load(batch);
      ASSERT_TRUE(loaded.ok()) << to_line(loaded.error());
      EXPECT_EQ(loaded->aggregates[0].version, instance->version()) << at.second.type << " " << at.second.id;
      EXPECT_EQ(loaded->aggregates[0].bytes, instance->bytes()) << at.second.type << " " << at.second.id;
    }
    compare_indexes(store);
    compare_timers(store, shards);
    compare_marks(store, shards);
  }

  size_t events() const { return events_; }

 private:
  void apply(const bus::ConsumedEvent& event) {
    const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(event.envelope.event_type());
    ASSERT_NE(type, nullptr) << event.envelope.event_type();
    std::unique_ptr<google::protobuf::Message> message(MessageFactory::generated_factory()->GetPrototype(type)->New());
    ASSERT_TRUE(message->ParseFromString(event.payload));
    const uint32_t shard = event.source.partition;
    const AggregateRef ref{event.envelope.aggregate_type(), event.envelope.aggregate_id()};
    auto& instance = instances_[{shard, ref}];
    if (!instance) instance = std::make_unique<Instance>(definition_.registry.find(ref.type), ref);
    auto effects = instance->apply(event.envelope, *message);
    ASSERT_TRUE(effects.ok()) << to_line(effects.error());
    for (const IndexChange& change : effects->indexes) {
      auto& entries = indexes_[{shard, change.index}];
      change.add ? (void)entries.insert({change.order, change.id}) : (void)entries.erase({change.order, change.id});
    }
    for (const TimerChange& change : effects->timers) {
      change.due ? (void)(timers_[{shard, change.timer}] = *change.due) : (void)timers_.erase({shard, change.timer});
    }
    for (const auto& mark : event.envelope.carried_marks()) note_mark(shard, mark);
    if (event.envelope.cause().has_event()) note_mark(shard, event.envelope.cause().event().mark());
    events_++;
  }

  void note_mark(uint32_t shard, const exchange::v1::Mark& mark) {
    auto& noted = marks_[{shard, Source{mark.service(), mark.partition()}}];
    noted = std::max(noted, MarkValue{mark.number(), mark.k()});
  }

  void compare_indexes(Store& store) const {
    for (const auto& [at, entries] : indexes_) {
      IndexQuery query;
      query.shard = at.first;
      query.index = at.second;
      query.limit = 100'000;
      auto page = store.pages(std::vector<IndexQuery>{query});
      ASSERT_TRUE(page.ok()) << to_line(page.error());
      std::set<std::pair<std::string, std::string>> stored;
      for (const IndexEntry& entry : (*page)[0]) stored.insert({entry.order, entry.id});
      EXPECT_EQ(stored, entries) << at.second;
    }
  }

  void compare_timers(Store& store, uint32_t shards) const {
    const Instant never = parse_instant("2200-01-01T00:00:00Z").value();
    std::map<std::pair<uint32_t, TimerKey>, Instant> stored;
    for (uint32_t shard = 0; shard < shards; shard++) {
      auto due = store.due_timers(std::vector<uint32_t>{shard}, never, 100'000);
      ASSERT_TRUE(due.ok()) << to_line(due.error());
      for (const DueTimer& timer : *due) stored[{shard, timer.timer}] = timer.due;
    }
    EXPECT_EQ(stored.size(), timers_.size());
    for (const auto& [key, due] : timers_) {
      const auto found = stored.find(key);
      const bool same = found != stored.end() && found->second == due;
      EXPECT_TRUE(same) << key.second.aggregate.id << " " << key.second.name;
    }
  }

  // A mark that moved without an event is carried by the next one, which may not have come: the store may be ahead.
  void compare_marks(Store& store, uint32_t shards) const {
    for (uint32_t shard = 0; shard < shards; shard++) {
      auto stored = store.marks(shard);
      ASSERT_TRUE(stored.ok()) << to_line(stored.error());
      const std::map<Source, MarkValue> by_source(stored->begin(), stored->end());
      for (const auto& [at, mark] : marks_) {
        if (at.first != shard) continue;
        ASSERT_TRUE(by_source.contains(at.second)) << at.second.service << " " << at.second.partition;
        EXPECT_GE(by_source.at(at.second), mark) << at.second.service << " " << at.second.partition;
      }
    }
  }

  ServiceDefinition definition_;
  std::map<std::pair<uint32_t, AggregateRef>, std::unique_ptr<Instance>> instances_;
  std::map<std::pair<uint32_t, std::string>, std::set<std::pair<std::string, std::string>>> indexes_;
  std::map<std::pair<uint32_t, TimerKey>, Instant> timers_;
  std::map<std::pair<uint32_t, Source>, MarkValue> marks_;
  size_t events_ = 0;
};

TEST(FoldTest, TheTopicsFoldToWhatRedisHas) {
  Installation tandem;
  Company company(tandem);
  company.define();
  Load load(company, 100);
  ASSERT_TRUE(load.finish());
  // A few that stay open, so that there are timers, and some parked commands.
  for (int i = 0; i < 5; i++) company.done(company.person("late" + std::to_string(i) + "@example.com"));
  auto stranger = company.person("stranger@example.com");
  stranger.set_team("south");  // there is none: parked until there is
  company.done(stranger);
  ASSERT_TRUE(tandem.settle());
  EXPECT_EQ(tandem.status("sales").value().parked(), 1u);

  bus::KafkaLog log(tandem.kafka_options());
  for (const std::string& service : tandem.services()) {
    SCOPED_TRACE(service);
    Folded folded(service, {tandem.identity_key()});
    folded.read(log);
    EXPECT_EQ(folded.events(), tandem.status(service).value().events());
    store::RedisStore store(tandem.redis_options(service));
    folded.compare_with(store, tandem.shards());
  }
}

}  // namespace
}  // namespace tandem::testing
