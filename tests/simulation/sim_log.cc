#include "tests/simulation/sim_log.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace tandem::simulation {

std::shared_ptr<Network::Writer> Network::connect(size_t service) {
  writers_.push_back(std::make_shared<Writer>());
  writers_.back()->service = service;
  return writers_.back();
}

void Network::deliver(Writer& writer) {
  Sent sent = std::move(writer.sent.front());
  writer.sent.pop_front();
  bus::Delivery delivery{sent.topic, sent.partition, sent.opaque, 0, {}};
  auto offset = broker_.append(sent.topic, sent.partition, sent.record);
  if (offset.ok()) {
    delivery.offset = *offset;
    if (watch_) watch_({sent.topic, sent.partition, *offset, std::move(sent.record)});
  } else {
    delivery.error = offset.error();
  }
  if (!writer.orphaned) writer.acknowledged.push_back(std::move(delivery));
}

void Network::forget_orphans() {
  std::erase_if(writers_, [](const auto& writer) { return writer->orphaned && writer->sent.empty(); });
}

bool Network::step(Dice& dice, bool passes) {
  std::vector<Writer*> busy;
  for (const auto& writer : writers_) {
    if (writer->slow > 0) {
      writer->slow -= passes ? 1 : 0;
    } else if (!writer->sent.empty() || !writer->acknowledged.empty()) {
      busy.push_back(writer.get());
    }
  }
  if (busy.empty()) return false;
  Writer& writer = *busy[dice.below(busy.size())];
  if (writer.orphaned && dice.one_in(4)) writer.sent.clear();
  if (!writer.sent.empty() && (writer.acknowledged.empty() || dice.one_in(2))) {
    for (uint64_t i = dice.between(1, 4); i > 0 && !writer.sent.empty(); i--) deliver(writer);
  } else {
    for (uint64_t i = dice.between(1, 4); i > 0 && !writer.acknowledged.empty(); i--) {
      writer.heard.push_back(std::move(writer.acknowledged.front()));
      writer.acknowledged.pop_front();
    }
  }
  forget_orphans();
  return true;
}

bool Network::flush() {
  bool moved = false;
  for (const auto& writer : writers_) {
    moved = moved || !writer->sent.empty() || !writer->acknowledged.empty();
    writer->slow = 0;
    while (!writer->sent.empty()) deliver(*writer);
    for (auto& delivery : writer->acknowledged) writer->heard.push_back(std::move(delivery));
    writer->acknowledged.clear();
  }
  forget_orphans();
  return moved;
}

void Network::slow_down(size_t service, Dice& dice) {
  std::vector<Writer*> idle;
  std::vector<Writer*> busy;
  for (const auto& writer : writers_) {
    if (writer->service == service) (writer->sent.empty() ? idle : busy).push_back(writer.get());
  }
  const auto& from = busy.empty() ? idle : busy;
  if (!from.empty()) from[dice.below(from.size())]->slow = dice.between(5, 60);
}

void Network::slow_down_all(size_t service) {
  for (const auto& writer : writers_) {
    if (writer->service == service) writer->slow = 100;
  }
}

bool Network::kill_one(Dice& dice) {
  std::vector<Writer*> alive;
  std::vector<Writer*> busy;  // where it hurts
  for (const auto& writer : writers_) {
    if (writer->dead || writer->orphaned) continue;
    alive.push_back(writer.get());
    if (!writer->sent.empty()) busy.push_back(writer.get());
  }
  if (alive.empty()) return false;
  const auto& from = busy.empty() ? alive : busy;
  Writer& writer = *from[dice.below(from.size())];
  writer.dead = true;
  writer.sent.resize(dice.between(0, writer.sent.size()));
  return true;
}

namespace {

class SimWriter : public bus::LogWriter {
 public:
  SimWriter(Simulation& simulation, Replica& replica)
      : simulation_(simulation), replica_(replica), wire_(simulation.network().connect(replica.service())) {}
  ~SimWriter() override {
    wire_->orphaned = true;
    wire_->acknowledged.clear();
  }

  Status warm(std::span<const std::string>, bus::Millis) override {
    return at_await(simulation_, replica_, "warm", [] { return Status(); });
  }

  Result<bool> produce(const std::string& topic, uint32_t partition, const bus::Record& record,
                       uint64_t opaque) override {
    simulation_.await(replica_, "produce", false);
    if (wire_->dead) return make_error(Code::kAborted, "The writer is dead; make a new one.");
    if (simulation_.queue_full()) return false;
    wire_->sent.push_back({topic, partition, record, opaque});
    return true;
  }

  Poll poll(bus::Millis) override {
    const bool waits = wire_->heard.empty() && (!wire_->sent.empty() || !wire_->acknowledged.empty());
    if (waits) simulation_.await(replica_, "acknowledgements", false);
    Poll result;
    result.deliveries = std::exchange(wire_->heard, {});
    if (wire_->dead) result.fatal = make_error(Code::kAborted, "The writer is dead; make a new one.");
    if (!result.deliveries.empty()) simulation_.await(replica_, "acknowledgements", true);
    return result;
  }

 private:
  Simulation& simulation_;
  Replica& replica_;
  std::shared_ptr<Network::Writer> wire_;
};

class SimReader : public bus::LogReader {
 public:
  SimReader(Simulation& simulation, Replica& replica, std::unique_ptr<bus::LogReader> inner)
      : simulation_(simulation), replica_(replica), inner_(std::move(inner)) {}
  // The group hears of a process that died when its session runs out.
  ~SimReader() override { simulation_.outlive(std::move(inner_)); }

  Status subscribe(const std::vector<std::string>& topics, const std::string& group) override {
    const Status status = inner_->subscribe(topics, group);
    if (status.ok()) simulation_.joined(replica_, group);
    return status;
  }
  Status start(const bus::StartOffsets& offsets) override {
    return at_await(simulation_, replica_, "start", [&] { return inner_->start(offsets); });
  }
  void release() override { inner_->release(); }
  bus::ReaderEvent poll(bus::Millis timeout) override {
    if (simulation_.hears_nothing()) return {};
    bus::ReaderEvent event = inner_->poll(timeout);
    const bool waited = std::exchange(waits_, event.kind == bus::ReaderEvent::Kind::kNone);
    // What comes behind the first of a fetch comes at once, unless the thread is held up.
    if (!waits_ && (waited || simulation_.held_up())) simulation_.await(replica_, "poll", true);
    return event;
  }
  Status seek(const bus::TopicPartition& partition, uint64_t offset) override {
    return at_await(simulation_, replica_, "seek", [&] { return inner_->seek(partition, offset); });
  }
  void pause(std::span<const bus::TopicPartition> partitions) override { inner_->pause(partitions); }
  void resume(std::span<const bus::TopicPartition> partitions) override { inner_->resume(partitions); }
  void commit(const bus::TopicPartition& partition, uint64_t next_offset) override {
    inner_->commit(partition, next_offset);
  }
  Result<bus::Watermarks> watermarks(const bus::TopicPartition& partition, bus::Millis timeout) override {
    const auto ask = [&] { return inner_->watermarks(partition, timeout); };
    return timeout == bus::Millis(0) ? ask() : at_await(simulation_, replica_, "watermarks", ask);
  }

 private:
  Simulation& simulation_;
  Replica& replica_;
  std::unique_ptr<bus::LogReader> inner_;
  bool waits_ = true;  // nothing is left of the last fetch
};

}  // namespace

SimLog::SimLog(Simulation& simulation, Replica& replica)
    : simulation_(simulation), replica_(replica), inner_(simulation.broker()) {}

Result<std::unique_ptr<bus::LogWriter>> SimLog::make_writer() {
  return std::unique_ptr<bus::LogWriter>(std::make_unique<SimWriter>(simulation_, replica_));
}

Result<std::unique_ptr<bus::LogReader>> SimLog::make_reader(bus::ReaderOptions options) {
  TANDEM_ASSIGN_OR_RETURN(auto inner, inner_.make_reader(options));
  return std::unique_ptr<bus::LogReader>(std::make_unique<SimReader>(simulation_, replica_, std::move(inner)));
}

Result<std::unique_ptr<bus::LogAdmin>> SimLog::make_admin() { return inner_.make_admin(); }

}  // namespace tandem::simulation
