#include "tests/simulation/log_fold.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <deque>
#include <memory>
#include <utility>

#include "shared/aggregate/instance.h"
#include "shared/bus/reader_rule.h"
#include "shared/store/encoding.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::simulation {
namespace {

std::unique_ptr<google::protobuf::Message> message_of(const AggregateType* type, const bus::EventRecord& event) {
  const std::string& name = event.envelope.event_type();
  const google::protobuf::Message* prototype = nullptr;
  if (name == exchange::v1::CommandParked::descriptor()->full_name()) {
    prototype = &exchange::v1::CommandParked::default_instance();
  } else if (name == exchange::v1::ParkedCommandDiscarded::descriptor()->full_name()) {
    prototype = &exchange::v1::ParkedCommandDiscarded::default_instance();
  } else if (name == exchange::v1::ParkedCommandSettled::descriptor()->full_name()) {
    prototype = &exchange::v1::ParkedCommandSettled::default_instance();
  } else if (type && type->events.count(name) > 0) {
    prototype = type->events.at(name).prototype;
  }
  if (!prototype) return nullptr;
  std::unique_ptr<google::protobuf::Message> message(prototype->New());
  return message->ParseFromString(event.payload) ? std::move(message) : nullptr;
}

class Fold {
 public:
  Fold(FoldedShard& into, const Registry& registry, std::string name)
      : into_(into), registry_(registry), name_(std::move(name)) {}

  void add(bus::EventRecord event) {
    const uint64_t n = event.envelope.position().number();
    marks(event.envelope, n);
    state(event, n);
    if (event.envelope.cause().has_request()) {
      into_.requests[event.envelope.cause().request().request_id()] = n;
    }
    into_.events.push_back(std::move(event));
  }

  void end() {
    for (const auto& [ref, instance] : instances_) {
      into_.aggregates[ref] = {instance.version(), instance.bytes()};
    }
  }

  void problem(uint64_t n, const std::string& what) {
    into_.problems.push_back(name_ + " event " + std::to_string(n) + ": " + what);
  }

 private:
  // What is parked is taken in the order in which it came.
  void parking(const bus::EventRecord& event, const AggregateRef& ref, uint64_t n) {
    std::deque<std::string>& queue = parked_[ref];
    const std::string& taken = event.envelope.unparked();
    if (!taken.empty()) {
      if (queue.empty() || queue.front() != taken) problem(n, "takes a parked command out of order");
      std::erase(queue, taken);
    }
    if (event.envelope.event_type() != exchange::v1::CommandParked::descriptor()->full_name()) return;
    exchange::v1::CommandParked parked;
    parked.ParseFromString(event.payload);
    queue.push_back(parked.command().id());
  }

  void marks(const exchange::v1::Envelope& envelope, uint64_t n) {
    for (const exchange::v1::Mark& mark : envelope.carried_marks()) move(mark, n);
    if (envelope.cause().has_event()) move(envelope.cause().event().mark(), n);
  }

  void move(const exchange::v1::Mark& mark, uint64_t n) {
    const MarkValue to{mark.number(), mark.k()};
    MarkValue& last = into_.marks[{mark.service(), mark.partition()}];
    if (to <= last) {
      problem(n, "its mark of " + mark.service() + "/" + std::to_string(mark.partition()) + " goes from " +
                     store::mark_text(last) + " back to " + store::mark_text(to));
    }
    last = to;
  }

  void state(const bus::EventRecord& event, uint64_t n) {
    const AggregateRef ref{event.envelope.aggregate_type(), event.envelope.aggregate_id()};
    parking(event, ref, n);
    const AggregateType* type = registry_.find(ref.type);
    const auto message = message_of(type, event);
    if (!message) return problem(n, "cannot be decoded");
    auto instance = instances_.find(ref);
    if (instance == instances_.end()) instance = instances_.emplace(ref, Instance(type, ref)).first;
    auto effects = instance->second.apply(event.envelope, *message);
    if (!effects.ok()) return problem(n, to_line(effects.error()));
    for (const auto& [index, members] : store::index_edits(effects->indexes)) {
      for (const auto& [member, there] : members) {
        if (there) {
          into_.indexes[index].insert(member);
        } else {
          into_.indexes[index].erase(member);
        }
      }
    }
    for (const auto& [member, score] : store::timer_edits(effects->timers)) {
      if (score) {
        into_.timers[member] = *score;
      } else {
        into_.timers.erase(member);
      }
    }
    if (ref.type == "ledger") balance(instance->second, n);
  }

  // At every prefix of the log.
  void balance(const Instance& instance, uint64_t n) {
    int64_t sum = 0;
    const auto& ledger = static_cast<const incentives::v1::Ledger&>(instance.state());
    for (const auto& account : ledger.balances()) sum += account.balance().minor_units();
    if (sum != 0) problem(n, "ledger " + ledger.ledger() + " sums to " + std::to_string(sum));
  }

  FoldedShard& into_;
  const Registry& registry_;
  const std::string name_;
  std::map<AggregateRef, Instance> instances_;
  std::map<AggregateRef, std::deque<std::string>> parked_;
};

}  // namespace

FoldedShard fold_log(const bus::MemoryBroker& broker, const Registry& registry, const std::string& service,
                     uint32_t shard) {
  FoldedShard folded;
  Fold fold(folded, registry, service + "/" + std::to_string(shard));
  bus::Cursor cursor;
  for (const bus::LogRecord& record : broker.records(bus::events_topic(service), shard)) {
    auto decoded = bus::decode(record);
    if (!decoded.ok()) {
      fold.problem(record.offset, "record " + to_line(decoded.error()));
      continue;
    }
    if (const auto* fence = std::get_if<bus::FenceRecord>(&*decoded)) {
      bus::judge_fence(cursor, record.offset, fence->fence.ends());
      continue;
    }
    auto& event = std::get<bus::EventRecord>(*decoded);
    const auto& at = event.envelope.position();
    const bus::Verdict verdict = bus::judge_event(cursor, record.offset, at.generation(), at.number());
    if (verdict == bus::Verdict::kAccept) {
      fold.add(std::move(event));
    } else if (verdict == bus::Verdict::kRepetition) {
      const auto& first = folded.events[at.number() - 1].envelope;
      if (at.generation() == cursor.generation && first.event_id() != event.envelope.event_id()) {
        fold.problem(at.number(), "stands there twice, as " + first.event_id() + " and " + event.envelope.event_id());
      }
    } else if (verdict == bus::Verdict::kGap) {
      fold.problem(at.number(), "follows event " + std::to_string(cursor.n) + ", generation " +
                                    std::to_string(at.generation()) + " in " + std::to_string(cursor.generation));
      break;
    }
  }
  folded.generation = cursor.generation;
  fold.end();
  return folded;
}

}  // namespace tandem::simulation
