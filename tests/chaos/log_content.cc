#include "tests/chaos/log_content.h"

#include <chrono>

#include "shared/base/ids.h"
#include "shared/bus/kafka_log.h"
#include "tandem/incentives/v1/events.pb.h"

namespace tandem::chaos {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// The broker may just have come back; what it does not give within this time, it never will.
constexpr seconds kSilence{60};
constexpr seconds kPatience{20};

std::string name_of(const bus::ConsumedEvent& event) {
  return event.envelope.event_id() + " (" + event.envelope.event_type() + ", event " + std::to_string(event.n) +
         " of " + source_name(event.source) + ")";
}

template <class Event>
void book(LogContent& log, const bus::ConsumedEvent& consumed) {
  Event event;
  if (consumed.envelope.event_type() != Event::descriptor()->full_name()) return;
  if (!event.ParseFromString(consumed.payload)) {
    log.problems.push_back(name_of(consumed) + " cannot be parsed");
    return;
  }
  auto& accounts = log.ledgers[event.ledger()];
  for (const incentives::v1::Entry& entry : event.entries()) {
    int64_t sum = 0;
    for (const incentives::v1::Leg& leg : entry.legs()) {
      sum += leg.amount().minor_units();
      accounts[leg.account()] += leg.amount().minor_units();
    }
    // Each of them zero is every ledger zero at every prefix of the log.
    if (sum != 0) {
      log.problems.push_back("entry " + entry.entry() + " of " + name_of(consumed) + " sums to " + std::to_string(sum));
    }
    if (log.entries[entry.entry()]++ > 0) log.problems.push_back("entry " + entry.entry() + " is booked twice");
  }
}

Error silence(const LogContent& content, const std::string& why) {
  return make_error(Code::kUnavailable, "the broker has given nothing for " + std::to_string(kSilence.count()) +
                                            " s, after " + std::to_string(content.events.size()) +
                                            " events, though the log has more" + why);
}

}  // namespace

void LogContent::add(const bus::ConsumedEvent& event, uint32_t shards) {
  const exchange::v1::Envelope& envelope = event.envelope;
  if (events[envelope.event_id()]++ > 0) problems.push_back("event " + name_of(event) + " is in the log twice");
  if (shard_of(envelope.aggregate_type(), envelope.aggregate_id(), shards) != event.source.partition) {
    problems.push_back("event " + name_of(event) + " is not in the shard of " + envelope.aggregate_type() + "/" +
                       envelope.aggregate_id());
  }
  by_type[envelope.event_type()].push_back(envelope.aggregate_id());
  if (envelope.cause().has_request()) {
    by_request[envelope.cause().request().request_id()].push_back(envelope.event_id());
  }
  book<incentives::v1::CommissionEarned>(*this, event);
  book<incentives::v1::CommissionClawedBack>(*this, event);
}

Result<LogContent> read_log(World& world) {
  LogContent content;
  bus::KafkaLog log(world.tandem().kafka_options());
  bus::TailStart start;
  start.from = bus::TailStart::From::kBeginning;
  TANDEM_ASSIGN_OR_RETURN(const auto tail, bus::Tail::open(log, world.tandem().services(), start, kPatience));
  auto heard = steady_clock::now();
  while (!tail->at_end()) {
    const auto event = tail->next(kPatience);
    if (event.ok() && event->has_value()) {
      content.add(**event, world.tandem().shards());
      heard = steady_clock::now();
    } else if (event.code() == Code::kDataLoss || event.code() == Code::kInvalidArgument) {
      content.problems.push_back(to_line(event.error()));  // a gap, or what is no event; it goes on behind it
      heard = steady_clock::now();
    } else if (!event.ok() && event.code() != Code::kUnavailable) {
      return event.error();
    } else if (!tail->at_end() && steady_clock::now() - heard > kSilence) {
      return silence(content, event.ok() ? "" : ": " + to_line(event.error()));
    }
  }
  return content;
}

}  // namespace tandem::chaos
