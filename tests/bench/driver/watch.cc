#include "tests/bench/driver/watch.h"

#include <utility>

namespace tandem::bench {
namespace {

constexpr bus::Millis kPatience{10'000};
constexpr bus::Millis kPoll{100};

bus::KafkaOptions kafka_options(const System& system) {
  bus::KafkaOptions options;
  options.bootstrap_servers = system.options().kafka;
  options.client_id = "bench";
  return options;
}

}  // namespace

Watch::Watch(const System& system) : system_(system), log_(kafka_options(system)) {}

Result<std::unique_ptr<Watch>> Watch::open(const System& system) {
  std::unique_ptr<Watch> watch(new Watch(system));
  TANDEM_RETURN_IF_ERROR(watch->start());
  return watch;
}

Watch::~Watch() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Status Watch::start() {
  TANDEM_ASSIGN_OR_RETURN(reader_, log_.make_reader({}));
  bus::StartOffsets offsets;
  for (uint32_t shard = 0; shard < system_.options().shards; ++shard) {
    const bus::TopicPartition partition{system_.topic_of("sales"), shard};
    TANDEM_ASSIGN_OR_RETURN(const uint64_t end, end_of(partition));
    offsets.emplace_back(partition, end);
  }
  TANDEM_RETURN_IF_ERROR(reader_->start(offsets));
  thread_ = std::thread([this] { run(); });
  return {};
}

// The topic was made a moment ago: on a busy machine the broker may not know all of its partitions yet.
Result<uint64_t> Watch::end_of(const bus::TopicPartition& partition) {
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const Result<bus::Watermarks> marks = reader_->watermarks(partition, kPatience);
    if (marks.ok()) return marks->high;
    if (marks.code() != Code::kNotFound || std::chrono::steady_clock::now() > patience) return marks.error();
    std::this_thread::sleep_for(kPoll);
  }
}

void Watch::run() {
  while (!stopping_) {
    const bus::ReaderEvent event = reader_->poll(kPoll);
    if (event.kind != bus::ReaderEvent::Kind::kRecord) continue;
    const auto lead = system_.assigned_lead(event.record.record);
    if (!lead) continue;
    const std::scoped_lock lock(mutex_);
    seen_.emplace(*lead, std::chrono::steady_clock::now());
    ++assigned_;
  }
}

std::unordered_map<std::string, Watch::Time> Watch::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(seen_, {});
}

}  // namespace tandem::bench
