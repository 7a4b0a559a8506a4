#include "shared/bus/relay.h"

#include <algorithm>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/teeth.h"
#include "shared/bus/dead_letters.h"
#include "shared/bus/envelope.h"

namespace tandem::bus {
namespace {

constexpr Millis kMaxAckWait{50};
constexpr Millis kMaxBackoff{1'000};
constexpr Millis kAwaitedWait{2};  // while somebody waits for what another replica publishes

Millis next_backoff(Millis backoff) { return std::clamp(backoff * 2, Millis(50), kMaxBackoff); }

}  // namespace

Relay::Relay(Outbox& outbox, Log& log, Clock& clock, Chance& chance, RelayOptions options, RelayListener listener)
    : outbox_(outbox),
      log_(log),
      clock_(clock),
      chance_(chance),
      options_(std::move(options)),
      listener_(std::move(listener)),
      events_topic_(events_topic(options_.service)),
      dead_letters_topic_(dead_letters_topic(options_.service)),
      shards_(options_.shards),
      published_(options_.shards) {
  for (uint32_t i = 0; i < options_.shards; ++i) shards_[i].shard = i;
}

Relay::~Relay() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  outbox_.interrupt();
  if (thread_.joinable()) thread_.join();
}

Status Relay::warm(Millis timeout) {
  for (const RelayShard& shard : shards_) TANDEM_RETURN_IF_ERROR(outbox_.open(shard.shard));
  if (!writer_) {
    TANDEM_ASSIGN_OR_RETURN(auto made, log_.make_writer());
    use(std::move(made));
  }
  const std::string topics[] = {events_topic_};
  return writer_->warm(topics, timeout);
}

bool Relay::step(Millis timeout) {
  const Tick now = clock_.tick();
  const bool outbox_usable = now >= next_outbox_;
  if (outbox_usable) look_after_leases(now);
  if (!ensure_writer(now) || !outbox_usable) {
    const bool moved = writer_ && take_deliveries(Millis(0));
    if (!moved) idle(std::min(timeout, kMaxAckWait));
    return moved;
  }
  // With acknowledgements under way and nothing to read, they are what there is to wait for; unless they end the wait
  // for entries.
  const bool await_acks = full_ || (in_flight() && ready_.empty() && !wakes_);
  bool moved = take_deliveries(await_acks ? std::min(timeout, ack_wait_) : Millis(0));
  moved = trim_acknowledged() || moved;
  // After the acknowledgements: a process that stood still finds them all at once.
  leave_if_cut_off(clock_.tick());
  look_at_awaited();
  if (!writer_) return moved;
  const bool may_wait = wakes_ || !(moved || in_flight());
  moved = read_and_publish(may_wait ? timeout : Millis(0)) || moved;
  return moved;
}

bool Relay::ensure_writer(Tick now) {
  if (writer_) return true;
  if (now < next_writer_) return false;
  auto made = log_.make_writer();
  if (!made.ok()) {
    writer_backoff_ = next_backoff(writer_backoff_);
    next_writer_ = now + writer_backoff_;
    trouble(made.error());
    return false;
  }
  use(std::move(made).value());
  return true;
}

void Relay::use(std::unique_ptr<LogWriter> writer) {
  writer_ = std::move(writer);
  wakes_ = writer_->on_deliveries([this] { outbox_.interrupt(); });
  full_ = false;
  count([](RelayStats& stats) { ++stats.writers; });
}

// Routine with idempotent producers: another one, and everything again that was not trimmed.
void Relay::writer_died(const Error& why) {
  writer_.reset();
  next_writer_ = clock_.tick() + writer_backoff_;
  writer_backoff_ = next_backoff(writer_backoff_);
  for (RelayShard& shard : shards_) {
    shard.forget();
    shard.proven_at.reset();
    if (shard.leased) ready_.insert(shard.shard);
  }
  trouble(why);
}

bool Relay::take_deliveries(Millis timeout) {
  LogWriter::Poll polled = writer_->poll(timeout);
  std::optional<Error> failed = std::move(polled.fatal);
  bool acknowledged = false;
  for (const Delivery& delivery : polled.deliveries) {
    if (delivery.topic != events_topic_) {
      if (delivery.error) count([](RelayStats& stats) { ++stats.dead_letters_lost; });
    } else if (delivery.error) {
      if (!failed) failed = delivery.error;
    } else if (delivery.partition < shards_.size()) {
      acknowledged =
          shards_[delivery.partition].acknowledge(delivery.opaque, delivery.offset, clock_.tick()) || acknowledged;
    }
  }
  if (!polled.deliveries.empty() || !in_flight()) full_ = false;
  if (acknowledged) writer_backoff_ = Millis(0);
  ack_wait_ = acknowledged ? Millis(1) : std::min(ack_wait_ * 2, kMaxAckWait);
  if (failed) {
    // What was acknowledged before it died, is.
    trim_acknowledged(true);
    writer_died(*failed);
  }
  return acknowledged;
}

bool Relay::read_and_publish(Millis timeout) {
  if (full_) return false;
  if (ready_.empty() && !wait_for_entries(timeout)) return false;
  if (timeout > Millis(0)) linger();
  std::vector<OutboxQuery> queries;
  for (const uint32_t at : std::exchange(ready_, {})) {
    const RelayShard& shard = shards_[at];
    const uint32_t limit = std::min(options_.read_limit, shard.room(options_.in_flight, clock_.tick()));
    if (shard.readable() && limit > 0) queries.push_back({at, shard.token, shard.last_read, limit});
  }
  if (queries.empty()) return false;
  const auto reads = outbox_.read_all(queries);
  if (!reads.ok()) {
    outbox_failed(reads.error());
    return false;
  }
  bool moved = false;
  for (size_t i = 0; i < queries.size(); ++i) {
    // What was read behind a full queue, or a dead producer, is read again.
    if (full_) ready_.insert(queries[i].shard);
    if (!full_ && writer_) moved = publish_from(queries[i], (*reads)[i]) || moved;
  }
  return moved;
}

bool Relay::wait_for_entries(Millis timeout) {
  const Tick now = clock_.tick();
  std::vector<std::pair<uint32_t, uint64_t>> after;
  for (const RelayShard& shard : shards_) {
    if (shard.readable() && shard.room(options_.in_flight, now) > 0) after.emplace_back(shard.shard, shard.last_read);
  }
  const auto to_survey = std::chrono::ceil<Millis>(next_survey_ - now);
  Millis wait = std::clamp(to_survey, Millis(0), timeout);
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || preference_changed_) wait = Millis(0);
    if (!awaited_.empty()) wait = std::min(wait, kAwaitedWait);
    if (next_trim_) wait = std::clamp(std::chrono::ceil<Millis>(*next_trim_ - now), Millis(0), wait);
  }
  if (after.empty() && !(wakes_ && in_flight())) {
    idle(wait);
    return false;
  }
  auto shards = outbox_.wait(after, wait);
  if (!shards.ok()) {
    outbox_failed(shards.error());
    return false;
  }
  ready_.insert(shards->begin(), shards->end());
  return !ready_.empty();
}

// More may come while the service is busy. Acknowledgements that come meanwhile are taken together afterwards.
void Relay::linger() {
  if (options_.linger.count() == 0) return;
  const auto left = std::chrono::ceil<std::chrono::microseconds>(last_published_ + options_.linger - clock_.tick());
  if (left.count() > 0) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, left, [this] { return stopping_; });
  }
  last_published_ = clock_.tick();
}

bool Relay::publish_from(const OutboxQuery& query, const OutboxRead& read) {
  RelayShard& shard = shards_[query.shard];
  // An earlier one of the same round may have made everything uncertain.
  if (!shard.readable() || shard.token != query.token) return false;
  if (!read.leased) {
    lost(shard);
    return false;
  }
  if (read.generation != shard.generation) {
    refresh(shard);
    ready_.insert(shard.shard);
    return true;
  }
  if (!read.entries.empty() && read.entries.front().n != shard.last_read + 1) {
    trouble(make_error(Code::kDataLoss, "The outbox of " + options_.service + " shard " + std::to_string(shard.shard) +
                                            " goes on with " + std::to_string(read.entries.front().n) + " after " +
                                            std::to_string(shard.last_read) + "; nothing is published from it."));
    refresh(shard);
    return false;
  }
  for (const OutboxEntry& entry : read.entries) {
    if (!publish(shard, entry)) return false;
  }
  if (read.entries.size() == query.limit) ready_.insert(shard.shard);
  return !read.entries.empty();
}

bool Relay::publish(RelayShard& shard, const OutboxEntry& entry) {
  const auto event = stamp(options_.service, shard.shard, shard.generation, entry);
  if (!event.ok()) {
    trouble(event.error());  // nothing after it may go either
    return false;
  }
  const Record record = encode(*event);
  const auto taken = writer_->produce(events_topic_, shard.shard, record, next_opaque_);
  if (!taken.ok()) {
    writer_died(taken.error());
    return false;
  }
  if (!*taken) {
    full_ = true;
    ready_.insert(shard.shard);
    count([](RelayStats& stats) { ++stats.queue_full; });
    return false;
  }
  shard.in_flight.push_back(
      {entry.n, next_opaque_++, to_instant(event->envelope.recorded_at()), std::nullopt, clock_.tick()});
  shard.last_read = entry.n;
  count([](RelayStats& stats) { ++stats.written; });
  copy_dead_letter(shard.shard, record, event->envelope.event_type());
  return true;
}

void Relay::copy_dead_letter(uint32_t shard, const Record& record, const std::string& event_type) {
  if (!is_dead_letter(event_type)) return;
  const auto taken = writer_->produce(dead_letters_topic_, shard, record, 0);
  const bool lost = !taken.ok() || !*taken;
  count([lost](RelayStats& stats) { ++(lost ? stats.dead_letters_lost : stats.dead_letters); });
}

bool Relay::in_flight() const {
  return std::ranges::any_of(shards_, [](const RelayShard& shard) { return !shard.in_flight.empty(); });
}

void Relay::published(uint32_t shard, uint64_t generation, uint64_t n) {
  {
    std::lock_guard lock(mutex_);
    published_[shard] = {generation, n};
    const auto found = awaited_.find(shard);
    if (found != awaited_.end() && (found->second.generation != generation || found->second.n <= n)) {
      awaited_.erase(found);
    }
  }
  listener_.on_published(shard, generation, n);
}

// The connection is a new one from now on: whether what was read and acknowledged is still true, nobody knows.
void Relay::outbox_failed(const Error& error) {
  for (RelayShard& shard : shards_) {
    if (TANDEM_TOOTH(kE04)) continue;
    shard.forget();
    shard.uncertain = shard.leased;
  }
  ready_.clear();
  outbox_backoff_ = next_backoff(outbox_backoff_);
  next_outbox_ = clock_.tick() + outbox_backoff_;
  count([](RelayStats& stats) { ++stats.outbox_errors; });
  trouble(error);
}

void Relay::idle(Millis timeout) {
  if (timeout <= Millis(0)) return;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, timeout, [this] { return stopping_ || nudged_; });
  nudged_ = false;
}

void Relay::start() {
  std::lock_guard lock(mutex_);
  stopping_ = false;
  if (!thread_.joinable()) thread_ = std::thread(&Relay::run, this);
}

void Relay::run() {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    step(options_.idle_wait);
  }
}

void Relay::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  outbox_.interrupt();
  if (thread_.joinable()) thread_.join();
  trim_acknowledged();
  const auto deadline = std::chrono::steady_clock::now() + options_.drain;
  while (writer_ && in_flight() && std::chrono::steady_clock::now() < deadline) {
    take_deliveries(Millis(10));
    trim_acknowledged();
  }
  for (RelayShard& shard : shards_) {
    if (shard.leased) let_go(shard);
  }
  leases_changed();
  writer_.reset();
}

RelayStats Relay::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

std::set<uint32_t> Relay::leases() const {
  std::lock_guard lock(mutex_);
  return leases_;
}

}  // namespace tandem::bus
