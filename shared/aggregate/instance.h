// An aggregate in memory: its state and its parked commands, folded from events. The engine and whoever rebuilds a
// service from its log fold with the same code.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/store.h"
#include "shared/base/result.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem {

// Aggregate type under which events are parked that could not be decoded.
inline constexpr std::string_view kUndecodable = "undecodable";
// Index of all aggregates with parked commands: order = when the first was parked, id = "type/id".
inline constexpr std::string_view kParkedIndex = "parked";

class Instance {
 public:
  // One that does not exist. `type` is null for kUndecodable; it must outlive the instance.
  Instance(const AggregateType* type, AggregateRef ref);
  // DATA_LOSS if the bytes are not an aggregate's.
  static Result<Instance> parse(const AggregateType* type, AggregateRef ref, const Stored& stored);

  // Something is stored of it, if only parked commands.
  bool exists() const { return !version_.empty(); }
  // An event of its own made it: rules may look at its state.
  bool has_state() const { return has_state_; }
  const std::string& version() const { return version_; }
  const AggregateRef& ref() const { return ref_; }
  const AggregateType* type() const { return type_; }
  const google::protobuf::Message& state() const { return *state_; }
  // Ends the instance's use.
  std::unique_ptr<google::protobuf::Message> take_state() { return std::move(state_); }
  const google::protobuf::RepeatedPtrField<exchange::v1::ParkedCommand>& parked() const { return stored_.parked(); }

  // What has to be stored besides the bytes.
  struct Effects {
    std::vector<IndexChange> indexes;
    std::vector<TimerChange> timers;
  };
  // Folds an event, and says what changes besides the bytes. DATA_LOSS if it is not one of this aggregate's.
  Result<Effects> apply(const exchange::v1::Envelope& envelope, const google::protobuf::Message& event);
  // Folds it without saying, which is most of the work: for who asks for derived() at the end.
  Status fold(const exchange::v1::Envelope& envelope, const google::protobuf::Message& event);

  // All index entries and timers that it has, as additions.
  Effects derived() const;

  // A serialised exchange.v1.StoredAggregate, deterministic: the same events give the same bytes.
  std::string bytes() const;
  Timers timers() const;

 private:
  std::optional<Indexes> indexes() const;
  std::vector<IndexEntry> parked_entry() const;
  Status evolve(const exchange::v1::Envelope& envelope, const google::protobuf::Message& event);

  const AggregateType* type_;
  AggregateRef ref_;
  std::string version_;
  std::unique_ptr<google::protobuf::Message> state_;  // null without a type
  bool has_state_ = false;
  exchange::v1::StoredAggregate stored_;  // `parked` is kept here; `state` is filled by bytes()
};

// Where a parked command stands in its queue; -1 if it does not.
int find_parked(const google::protobuf::RepeatedPtrField<exchange::v1::ParkedCommand>& parked, const std::string& id);

// Deterministic serialisation of any message.
std::string serialize(const google::protobuf::Message& message);

// What a request gets for the event that it led to, as it is remembered with the request id: without the number, which
// stands beside it. The position's generation is the one given.
type::v1::CommandResult committed_result(const exchange::v1::Envelope& envelope, uint64_t generation);

// EventMeta of an event's envelope.
EventMeta meta_of(const exchange::v1::Envelope& envelope);

}  // namespace tandem
