// What a service does about events, its own or another service's: on this event, these commands.
//
//   Reactions reactions() {
//     Reactions r;
//     r.on<LeadQualified>(1, [](const LeadQualified& e) { return to<Team>(e.team(), pick_member(e)); });
//     r.on<DealWon>(2, [](const DealWon& e) { Commands c; for (...) c.push_back(to<Ledger>(...)); return c; });
//     return r;
//   }
//
// The list must be a function of the event alone. Numbers are permanent: never reused, only added; they are half of
// the mark by which a target shard knows what it has applied.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/base/result.h"

namespace tandem {

struct CausedCommand {
  AggregateRef target;
  std::shared_ptr<const google::protobuf::Message> message;
  // A rejection with one of these codes is routine here: it is noted by the mark, and nothing is parked.
  std::vector<Code> ignorable;
  // reaction number * 65536 + index.
  uint64_t k = 0;

  CausedCommand&& ignore(Code code) && {
    ignorable.push_back(code);
    return std::move(*this);
  }
};

class Commands : public std::vector<CausedCommand> {
 public:
  using std::vector<CausedCommand>::vector;
  Commands(CausedCommand one) { push_back(std::move(one)); }
};

template <class A, class C>
CausedCommand to(std::string id, C command) {
  return {ref<A>(std::move(id)), std::make_shared<C>(std::move(command)), {}, 0};
}

class Reactions {
 public:
  // `react` takes (const Event&) or (const Event&, const EventMeta&) and returns Commands.
  template <class Event, class F>
  Reactions& on(uint32_t number, F react) {
    add(Event::default_instance(), number,
        [react](const google::protobuf::Message& event, const EventMeta& meta) -> Commands {
          const auto& typed = static_cast<const Event&>(event);
          if constexpr (requires { react(typed, meta); }) {
            return react(typed, meta);
          } else {
            return react(typed);
          }
        });
    return *this;
  }

  // A new message of a type that a reaction is for, or nullptr.
  std::unique_ptr<google::protobuf::Message> new_event(const std::string& event_type) const;
  // In the order of k.
  Commands commands(const google::protobuf::Message& event, const EventMeta& meta) const;
  // The services whose topics must be read: "marketing" for tandem.marketing.v1.LeadCaptured.
  const std::set<std::string>& sources() const { return sources_; }

 private:
  using React = std::function<Commands(const google::protobuf::Message&, const EventMeta&)>;
  struct OfType {
    const google::protobuf::Message* prototype = nullptr;
    std::map<uint32_t, React> by_number;
  };

  void add(const google::protobuf::Message& prototype, uint32_t number, React react);

  std::map<std::string, OfType> by_type_;
  std::set<uint32_t> numbers_;
  std::set<std::string> sources_;
};

}  // namespace tandem
