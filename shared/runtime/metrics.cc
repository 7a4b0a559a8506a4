#include "shared/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

#include "shared/aggregate/convert.h"

namespace tandem::runtime {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                          0.01,   0.025,   0.05,   0.1,   0.25,   1};
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
  // Server counters only ever grow; Prometheus' counters are told the difference.
  void grow(prometheus::Counter& counter, uint64_t total) {
    uint64_t& last = seen[&counter];
    if (total > last) counter.Increment(static_cast<double>(total - last));
    last = total;
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
  prometheus::Counter& commands = counter("tandem_commands_total", "Commands executed");
  prometheus::Counter& commits = counter("tandem_commits_total", "Commits sent to the store");
  prometheus::Counter& conflicts = counter("tandem_conflicts_total", "Commits that a rival's made void");
  prometheus::Counter& parked_total = counter("tandem_parked_total", "Commands parked");
  prometheus::Counter& rejections = counter("tandem_rejections_total", "Commands refused by a rule");
  prometheus::Counter& calls = counter("tandem_rpc_calls_total", "gRPC calls accepted");
  prometheus::Counter& refused = counter("tandem_rpc_refused_total", "gRPC calls refused before a decision");
  prometheus::Counter& overloaded = counter("tandem_rpc_overloaded_total", "gRPC calls refused for overload");
  prometheus::Gauge& waiting = gauge("tandem_rpc_waiting", "Commands that wait for their answer");
  prometheus::Gauge& unpublished = gauge("tandem_unpublished_events", "Events that Kafka does not have yet");
  prometheus::Gauge& oldest =
      gauge("tandem_oldest_unpublished_seconds", "Age of the oldest event that Kafka does not have yet");
  prometheus::Gauge& lag = gauge("tandem_lag_events", "Consumed events that are not applied yet");
  prometheus::Gauge& parked = gauge("tandem_parked_aggregates", "Aggregates with parked commands");
  prometheus::Gauge& shards = gauge("tandem_shards_owned", "Shards whose events this replica publishes");
  prometheus::Gauge& stopped = gauge("tandem_stopped_partitions", "Partitions that stand still");
  prometheus::Counter& heals = counter("tandem_heals_total", "Shards reconciled with their log by this replica");
  prometheus::Counter& folded = counter("tandem_healing_events_total", "Events folded into Redis to heal it");
  prometheus::Gauge& unreconciled =
      gauge("tandem_shards_unreconciled", "Shards that do not serve: not reconciled since Redis came up");
  prometheus::Gauge& healing = gauge("tandem_shards_healing", "Shards that this replica is healing");
  prometheus::Family<prometheus::Gauge>& generations = BuildGauge()
                                                           .Name("tandem_generation")
                                                           .Help("Generation of a shard; it grows with every healing")
                                                           .Register(registry);
  prometheus::Gauge& ready = gauge("tandem_ready", "1 if the service takes requests");
};

Metrics::Metrics(const std::string& service) : impl_(std::make_unique<Impl>(service)) {}
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

void Metrics::status(const v1::ServiceStatus& status, Instant now) {
  impl_->unpublished.Set(static_cast<double>(status.unpublished()));
  const bool waits = status.has_oldest_unpublished();
  impl_->oldest.Set(waits ? seconds(now - to_instant(status.oldest_unpublished())) : 0);
  impl_->lag.Set(static_cast<double>(status.lag()));
  impl_->parked.Set(static_cast<double>(status.parked()));
  impl_->shards.Set(status.shards_owned_size());
  impl_->stopped.Set(status.stopped_size());
  impl_->ready.Set(status.ready() ? 1 : 0);
  impl_->grow(impl_->heals, status.heals());
  impl_->grow(impl_->folded, status.events_folded());
  impl_->unreconciled.Set(status.shards_unreconciled());
  impl_->healing.Set(status.shards_healing());
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
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace tandem::runtime
