// What a decision may know besides state and command: the time, the caller, what ids are derived from, and the
// references that the aggregate declared. All of it is given, so that a decision can be replayed.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/ids.h"
#include "shared/base/time.h"

namespace tandem {

// One aggregate: its type ("lead") and its id.
struct AggregateRef {
  std::string type;
  std::string id;

  auto operator<=>(const AggregateRef&) const = default;
};

template <class A>
AggregateRef ref(std::string id) {
  return {std::string(A::kType), std::move(id)};
}

struct CallerInfo {
  std::string name;
  std::string role;

  // For "who did it" in events; never empty, since an empty one says that a rule acted.
  std::string shown() const { return !name.empty() ? name : !role.empty() ? role : "unnamed"; }
};

class Context {
 public:
  // When the command is recorded. Deadlines and routing go by it.
  Instant now() const { return now_; }
  // When the fact happened in the business: given by the caller, or by the event that caused the command, or now.
  // Periods, rates and plan versions go by it.
  Instant occurred_at() const { return occurred_at_; }
  const CallerInfo& caller() const { return caller_; }
  // Id of the aggregate that decides.
  const std::string& id() const { return id_; }
  // Id of the event that caused the command; empty for requests and timers.
  const std::string& cause_event() const { return cause_event_; }

  // An id for something that this command creates. The same command gives the same id, always.
  std::string derived_id(std::string_view kind) const { return derive_id(kind, {seed_, id_}); }

  // State of a declared reference, or nullptr where it does not exist.
  template <class A>
  const typename A::State* find(std::string_view id) const {
    auto found = references_.find(AggregateRef{std::string(A::kType), std::string(id)});
    if (found == references_.end() || !found->second) return nullptr;
    return static_cast<const typename A::State*>(found->second.get());
  }

  // For the engine and the test kit.
  Instant now_{};
  Instant occurred_at_{};
  CallerInfo caller_;
  std::string id_;
  std::string cause_event_;
  // What ids derive from: the causing event's id and k, or the request id, or the timer.
  std::string seed_;
  std::map<AggregateRef, std::shared_ptr<const google::protobuf::Message>> references_;
};

}  // namespace tandem
