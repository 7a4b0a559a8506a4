// What `decide` answers: one event, a rejection, or nothing to do.
#pragma once

#include <google/protobuf/message.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "shared/base/result.h"

namespace tandem {

class Decision {
 public:
  // Implicit, so that a rule ends with `return event;` or `return reject(...)`.
  template <std::derived_from<google::protobuf::Message> Event>
  Decision(Event event) : event_(std::make_unique<Event>(std::move(event))) {}
  Decision(Error rejection) : rejection_(std::move(rejection)) {}

  static Decision nothing() { return Decision(); }

  bool is_event() const { return event_ != nullptr; }
  bool is_rejection() const { return rejection_.has_value(); }
  bool is_nothing() const { return !is_event() && !is_rejection(); }

  const google::protobuf::Message& event() const { return *event_; }
  const Error& rejection() const { return *rejection_; }
  std::unique_ptr<google::protobuf::Message> take_event() { return std::move(event_); }

 private:
  Decision() = default;

  std::unique_ptr<google::protobuf::Message> event_;
  std::optional<Error> rejection_;
};

// The state already is what the command asks for.
inline Decision nothing() { return Decision::nothing(); }

// A rule says no: which field of the command, why, and what the caller can do about it.
inline Error reject(Code code, std::string field, std::string reason, std::string remedy) {
  return make_error(code, std::move(field), std::move(reason), std::move(remedy));
}

}  // namespace tandem
