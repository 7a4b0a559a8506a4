// The decider model: what an aggregate's class looks like, and the registry through which the engine knows it.
//
//   struct Lead {
//     using State = v1::Lead;                                     // a protobuf message: the fold of the events
//     static constexpr std::string_view kType = "lead";
//     using Commands = Types<v1::CaptureLead, v1::QualifyLead>;   // each has a decide
//     using Events = Types<v1::LeadCaptured, v1::LeadQualified>;  // each has an evolve
//     static Decision decide(const State&, const v1::CaptureLead&, const Context&);
//     static void evolve(State&, const v1::LeadCaptured&);                     // or
//     static void evolve(State&, const v1::LeadQualified&, const EventMeta&);  // where the times matter
//     static Indexes indexes(const State&);
//     static Timers timers(const State&);                                      // optional
//     static References references(const v1::CaptureLead&);                    // optional, for each command
//     static References references(const State&, const v1::WinDeal&);          // or, where the state must say which
//   };
//
//   registry.add<Lead>();
//
// A state that was never touched by an event is the message's default instance: rules know "does not exist" by that.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "shared/aggregate/context.h"
#include "shared/aggregate/decision.h"
#include "shared/base/time.h"

namespace tandem {

template <class... T>
struct Types {};

// What an event's fold and a reaction may know of it besides its message.
struct EventMeta {
  std::string event_id;
  std::string event_type;
  // The aggregate whose fact it is.
  AggregateRef subject;
  Instant occurred_at{};
  Instant recorded_at{};
};

// How lists find an aggregate. `order` is its natural order among its kind (say, a time formatted by `order_key`);
// `by` are the fields that lists can select by without reading everything: {"status", "QUALIFIED"}. The names must be
// paths of fields of the state as filters use them, the values as filters write them.
struct Indexes {
  std::string order;
  std::vector<std::pair<std::string, std::string>> by;
};

// A time as an order key: sorts as the time does.
std::string order_key(Instant at);

// A command that is due at a time, unless an event changes the state before.
struct Timer {
  std::string name;
  Instant due{};
  std::shared_ptr<const google::protobuf::Message> command;
};
using Timers = std::vector<Timer>;

template <class C>
Timer at(Instant due, std::string name, C command) {
  return {std::move(name), due, std::make_shared<C>(std::move(command))};
}

using References = std::vector<AggregateRef>;

// An aggregate's class, its types erased.
struct AggregateType {
  using Message = google::protobuf::Message;
  struct CommandRules {
    std::function<Decision(const Message& state, const Message& command, const Context&)> decide;
    std::function<References(const Message& command)> references;                              // may be empty
    std::function<References(const Message& state, const Message& command)> state_references;  // may be empty
    const Message* prototype = nullptr;
  };
  struct EventRules {
    std::function<void(Message& state, const Message& event, const EventMeta&)> evolve;
    const Message* prototype = nullptr;
  };

  std::string name;
  const Message* state_prototype = nullptr;
  std::unordered_map<std::string, CommandRules> commands;  // by full name of the message
  std::unordered_map<std::string, EventRules> events;
  std::function<Indexes(const Message& state)> indexes;
  std::function<Timers(const Message& state)> timers;
};

class Registry {
 public:
  template <class A>
  Registry& add();

  const AggregateType* find(std::string_view type) const;
  const std::unordered_map<std::string, AggregateType>& types() const { return types_; }

 private:
  template <class A, class C>
  static void add_command(AggregateType& type);
  template <class A, class E>
  static void add_event(AggregateType& type);

  std::unordered_map<std::string, AggregateType> types_;
};

template <class A, class C>
void Registry::add_command(AggregateType& type) {
  using Message = google::protobuf::Message;
  using State = typename A::State;
  AggregateType::CommandRules rules;
  rules.prototype = &C::default_instance();
  rules.decide = [](const Message& state, const Message& command, const Context& context) {
    return A::decide(static_cast<const State&>(state), static_cast<const C&>(command), context);
  };
  if constexpr (requires(const C& c) { A::references(c); }) {
    rules.references = [](const Message& command) { return A::references(static_cast<const C&>(command)); };
  }
  if constexpr (requires(const State& s, const C& c) { A::references(s, c); }) {
    rules.state_references = [](const Message& state, const Message& command) {
      return A::references(static_cast<const State&>(state), static_cast<const C&>(command));
    };
  }
  type.commands.emplace(C::descriptor()->full_name(), std::move(rules));
}

template <class A, class E>
void Registry::add_event(AggregateType& type) {
  using Message = google::protobuf::Message;
  using State = typename A::State;
  AggregateType::EventRules rules;
  rules.prototype = &E::default_instance();
  rules.evolve = [](Message& state, const Message& event, const EventMeta& meta) {
    if constexpr (requires(State& s, const E& e) { A::evolve(s, e, meta); }) {
      A::evolve(static_cast<State&>(state), static_cast<const E&>(event), meta);
    } else {
      A::evolve(static_cast<State&>(state), static_cast<const E&>(event));
    }
  };
  type.events.emplace(E::descriptor()->full_name(), std::move(rules));
}

template <class A>
Registry& Registry::add() {
  using Message = google::protobuf::Message;
  using State = typename A::State;
  AggregateType type;
  type.name = std::string(A::kType);
  type.state_prototype = &State::default_instance();
  [&]<class... C>(Types<C...>) { (add_command<A, C>(type), ...); }(typename A::Commands{});
  [&]<class... E>(Types<E...>) { (add_event<A, E>(type), ...); }(typename A::Events{});
  type.indexes = [](const Message& state) { return A::indexes(static_cast<const State&>(state)); };
  type.timers = [](const Message& state) -> Timers {
    if constexpr (requires(const State& s) { A::timers(s); }) {
      return A::timers(static_cast<const State&>(state));
    } else {
      return {};
    }
  };
  types_.emplace(type.name, std::move(type));
  return *this;
}

}  // namespace tandem
