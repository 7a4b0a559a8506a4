#include "shared/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/base/version.h"

namespace tandem::runtime {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                          0.025,  0.05,    0.1,    0.25,  1,      5};
const prometheus::Histogram::BucketBoundaries kSizes = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

double seconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

}  // namespace

struct Metrics::Impl {
  explicit Impl(const std::string& service) : labels{{"service", service}} {}

  prometheus::Gauge& gauge(const char* name, const char* help) {
    return BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
  }
  prometheus::Counter& counter(const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
  }
  prometheus::Histogram& step(const char* step) {
    auto with_step = labels;
    with_step["step"] = step;
    return steps.Add(with_step, kSeconds);
  }
  prometheus::Counter& request(const char* kind) {
    auto with_kind = labels;
    with_kind["kind"] = kind;
    return requests.Add(with_kind);
  }
  // Server counters only ever grow; Prometheus' counters are told the difference.
  void grow(prometheus::Counter& counter, uint64_t total) {
    uint64_t& last = seen[&counter];
    if (total > last) counter.Increment(static_cast<double>(total - last));
    last = total;
  }

  void work(const v1::Work& work) {
    grow(published, work.published());
    grow(leases_taken, work.leases_taken());
    grow(leases_lost, work.leases_lost());
    grow(producers, work.producers());
    grow(restarts, work.reader_restarts());
    grow(rebalances, work.rebalances());
  }
  // Every kind is there always: an alarm must not hang on whether it has happened before.
  void trouble(const v1::ServiceStatus& status) {
    const auto& kinds = *v1::TroubleKind_descriptor();
    for (int i = 1; i < kinds.value_count(); i++) {
      auto with_kind = labels;
      with_kind["kind"] = to_lower(enum_label(kinds, kinds.value(i)->number()));
      troubles.Add(with_kind).Set(static_cast<double>(
          std::count(status.trouble_kinds().begin(), status.trouble_kinds().end(), kinds.value(i)->number())));
    }
  }

  prometheus::Registry registry;
  prometheus::Labels labels;
  std::map<prometheus::Counter*, uint64_t> seen;

  prometheus::Family<prometheus::Histogram>& steps = BuildHistogram()
                                                         .Name("tandem_batch_step_seconds")
                                                         .Help("Time of a batch in load, decide and commit")
                                                         .Register(registry);
  prometheus::Histogram& load = step("load");
  prometheus::Histogram& decide = step("decide");
  prometheus::Histogram& commit = step("commit");
  prometheus::Histogram& batch_size =
      BuildHistogram().Name("tandem_batch_commands").Help("Commands of a batch").Register(registry).Add(labels, kSizes);
  prometheus::Histogram& relay = BuildHistogram()
                                     .Name("tandem_relay_seconds")
                                     .Help("From an event's recording until Kafka has it and the outbox is trimmed")
                                     .Register(registry)
                                     .Add(labels, kSeconds);
  prometheus::Histogram& relay_batch = BuildHistogram()
                                           .Name("tandem_relay_batch_events")
                                           .Help("Events that one trim took away")
                                           .Register(registry)
                                           .Add(labels, kSizes);
  prometheus::Counter& commands = counter("tandem_commands_total", "Commands executed");
  prometheus::Counter& commits = counter("tandem_commits_total", "Commits sent to the store");
  prometheus::Counter& conflicts = counter("tandem_conflicts_total", "Commits that a rival's made void");
  prometheus::Counter& parked_total = counter("tandem_parked_total", "Commands parked");
  prometheus::Counter& rejections = counter("tandem_rejections_total", "Commands refused by a rule");
  prometheus::Family<prometheus::Counter>& requests =
      BuildCounter()
          .Name("tandem_requests_total")
          .Help("Requests that were taken up; rows of a stream are one each")
          .Register(registry);
  prometheus::Counter& calls = counter("tandem_rpc_calls_total", "gRPC calls accepted");
  prometheus::Counter& refused = counter("tandem_rpc_refused_total", "gRPC calls refused before a decision");
  prometheus::Counter& overloaded = counter("tandem_rpc_overloaded_total", "gRPC calls refused for overload");
  prometheus::Gauge& waiting = gauge("tandem_rpc_waiting", "Commands that wait for their answer");
  prometheus::Counter& command_requests = request("command");
  prometheus::Counter& read_requests = request("read");
  prometheus::Counter& expired = counter("tandem_requests_expired_total", "Commands that had no time left");
  prometheus::Gauge& open_calls = gauge("tandem_open_calls", "gRPC calls under way, streams included");
  prometheus::Gauge& unpublished = gauge("tandem_unpublished_events", "Events that Kafka does not have yet");
  prometheus::Gauge& oldest =
      gauge("tandem_oldest_unpublished_seconds", "Age of the oldest event that Kafka does not have yet");
  prometheus::Gauge& lag = gauge("tandem_lag_events", "Consumed events that are not applied yet");
  prometheus::Gauge& lag_seconds = gauge(
      "tandem_lag_seconds", "Age of the oldest event in hand, or since when a partition that has more has not moved");
  prometheus::Gauge& unassigned =
      gauge("tandem_unassigned_seconds", "For how long the consumer group has given out no partitions");
  prometheus::Gauge& parked = gauge("tandem_parked_aggregates", "Aggregates with parked commands");
  prometheus::Gauge& shards = gauge("tandem_shards_owned", "Shards whose events this replica publishes");
  prometheus::Gauge& stopped = gauge("tandem_stopped_partitions", "Partitions that stand still");
  prometheus::Counter& heals = counter("tandem_heals_total", "Shards reconciled with their log by this replica");
  prometheus::Counter& folded = counter("tandem_healing_events_total", "Events folded into Redis to heal it");
  prometheus::Gauge& unreconciled =
      gauge("tandem_shards_unreconciled", "Shards that do not serve: not reconciled since Redis came up");
  prometheus::Gauge& refused_shards =
      gauge("tandem_shards_refused", "Shards whose log is not the one that belongs to this Redis");
  prometheus::Gauge& healing = gauge("tandem_shards_healing", "Shards that this replica is healing");
  prometheus::Family<prometheus::Gauge>& generations = BuildGauge()
                                                           .Name("tandem_generation")
                                                           .Help("Generation of a shard; it grows with every healing")
                                                           .Register(registry);
  prometheus::Counter& published =
      counter("tandem_published_total", "Events that Kafka has acknowledged and that are trimmed");
  prometheus::Counter& leases_taken = counter("tandem_leases_taken_total", "Leases of shards that this replica took");
  prometheus::Counter& leases_lost =
      counter("tandem_leases_lost_total", "Leases of shards that this replica lost against its will");
  prometheus::Counter& producers =
      counter("tandem_producers_total", "Producers made; each but the first, because one died");
  prometheus::Counter& restarts =
      counter("tandem_reader_restarts_total", "Readers that the watchdog made anew, because nothing came any more");
  prometheus::Counter& rebalances =
      counter("tandem_rebalances_total", "Assignments of partitions by the consumer group");
  prometheus::Family<prometheus::Gauge>& troubles = BuildGauge()
                                                        .Name("tandem_troubles")
                                                        .Help("What is wrong now, by kind; /healthz says it in words")
                                                        .Register(registry);
  prometheus::Gauge& clock = gauge("tandem_clock_seconds", "The service's clock at its last look, seconds since 1970");
  prometheus::Gauge& build = BuildGauge()
                                 .Name("tandem_build_info")
                                 .Help("1, with the version of the program")
                                 .Register(registry)
                                 .Add({{"service", labels.at("service")}, {"version", kVersion}});
  prometheus::Gauge& ready = gauge("tandem_ready", "1 if the service takes requests");
};

Metrics::Metrics(const std::string& service) : impl_(std::make_unique<Impl>(service)) { impl_->build.Set(1); }
Metrics::~Metrics() = default;

void Metrics::batch(const BatchReport& report) {
  impl_->load.Observe(seconds(report.load));
  impl_->decide.Observe(seconds(report.decide));
  impl_->commit.Observe(seconds(report.commit));
  impl_->batch_size.Observe(static_cast<double>(report.commands));
  impl_->commands.Increment(static_cast<double>(report.commands));
  impl_->commits.Increment(static_cast<double>(report.commits));
  impl_->conflicts.Increment(static_cast<double>(report.conflicts));
  impl_->parked_total.Increment(static_cast<double>(report.parked));
  impl_->rejections.Increment(static_cast<double>(report.rejections));
}

void Metrics::relayed(const std::vector<std::chrono::microseconds>& times) {
  impl_->relay_batch.Observe(static_cast<double>(times.size()));
  for (const auto time : times) impl_->relay.Observe(seconds(time));
}

void Metrics::status(const v1::ServiceStatus& status) {
  const Instant now = to_instant(status.now());
  impl_->unpublished.Set(static_cast<double>(status.unpublished()));
  const auto age = [&](bool there, const google::protobuf::Timestamp& since) {
    return there ? std::max(0.0, seconds(now - to_instant(since))) : 0;
  };
  impl_->oldest.Set(age(status.has_oldest_unpublished(), status.oldest_unpublished()));
  impl_->lag_seconds.Set(age(status.has_behind_since(), status.behind_since()));
  impl_->unassigned.Set(age(status.has_unassigned_since(), status.unassigned_since()));
  impl_->clock.Set(seconds(now.time_since_epoch()));
  impl_->lag.Set(static_cast<double>(status.lag()));
  impl_->parked.Set(static_cast<double>(status.parked()));
  impl_->shards.Set(status.shards_owned_size());
  impl_->stopped.Set(status.stopped_size());
  impl_->ready.Set(status.ready() ? 1 : 0);
  impl_->grow(impl_->heals, status.heals());
  impl_->grow(impl_->folded, status.events_folded());
  impl_->unreconciled.Set(status.shards_unreconciled());
  impl_->refused_shards.Set(status.shards_refused());
  impl_->healing.Set(status.shards_healing());
  impl_->work(status.work());
  impl_->trouble(status);
  for (int shard = 0; shard < status.generations_size(); shard++) {
    auto labels = impl_->labels;
    labels["shard"] = std::to_string(shard);
    impl_->generations.Add(labels).Set(static_cast<double>(status.generations(shard)));
  }
}

void Metrics::server(const rpc::ServerCounters& counters) {
  impl_->grow(impl_->calls, counters.calls);
  impl_->grow(impl_->refused, counters.refused);
  impl_->grow(impl_->overloaded, counters.overloaded);
  impl_->waiting.Set(static_cast<double>(counters.waiting));
  impl_->grow(impl_->command_requests, counters.commands);
  impl_->grow(impl_->read_requests, counters.reads);
  impl_->grow(impl_->expired, counters.expired);
  impl_->open_calls.Set(static_cast<double>(counters.open_calls));
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace tandem::runtime
